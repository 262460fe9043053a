import { type ErrorKind, TrainyardError } from './errors.ts';

export interface TaskCall {
  module: string;
  exportName: string;
  task: unknown;
}

export type TaskAnswer =
  | { result: unknown }
  | {
      error: {
        kind: ErrorKind | undefined;
        name: string;
        message: string;
        remedy: string | undefined;
        stack: string | undefined;
      };
    };

/** Runs one task on a worker thread; errors travel as data because a structured clone drops their class. */
export async function answer({ module, exportName, task }: TaskCall): Promise<TaskAnswer> {
  try {
    const run = (await import(module))[exportName] as (task: unknown) => unknown;
    return { result: await run(task) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const ours = error instanceof TrainyardError ? error : undefined;
    return {
      error: {
        kind: ours?.kind,
        name: error.name,
        message: error.message,
        remedy: ours?.remedy,
        stack: error.stack,
      },
    };
  }
}
