/** Only one of the processes that share a database delivers its events, so that their order is kept. */
export interface DeliveryRight {
  /** Takes the right, unless another process has it; who has it takes it again. It ends with the process. */
  take(): boolean;
  /** Without it nothing happens. */
  release(): void;
}
