import type { ContainerModuleLoadOptions } from 'inversify';

export type Bind = ContainerModuleLoadOptions['bind'];
