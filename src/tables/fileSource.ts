/** Files that one SQL relation reads: the same kind and the same columns, all of them text. */
export interface FileSource {
  readonly columns: readonly string[];
  /** What files must share, besides their columns, to be read as one relation. */
  readonly dialect: string;
  /** Lines of the file above its first row, for messages; `undefined` when rows are no lines of the file. */
  readonly linesAbove?: number | undefined;
  /** For files whose columns have types of their own: these, and SQL of the rows as they are. */
  readonly typed?:
    | { readonly types: readonly string[]; relation(paths: readonly string[]): string }
    | undefined;
  /** SQL of the rows of some of its files, with the path of each row's file in {@link fileColumn}. */
  relation(paths: readonly string[]): string;
}

/** Column that tells which file a row comes from. */
export const fileColumn = 'trainyard_file';
