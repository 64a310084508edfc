import { parentPort } from 'node:worker_threads';
import { attempt, type FileTask } from './file-steps.js';

const port = parentPort;
port?.on('message', (tasks: readonly FileTask[]) => port.postMessage(tasks.map(attempt)));
