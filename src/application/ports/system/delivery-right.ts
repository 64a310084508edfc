/** Only one of the processes that share a database delivers its events, so that their order is kept. */
export interface DeliveryRight {
  /** Takes the right, unless another process has it. It ends with the process. */
  take(): boolean;
  release(): void;
}
