export {
  type ReadTableOptions,
  readTable,
  type Table,
  type TableChoice,
  type TextColumn,
} from './readTable.ts';
export { type WrittenColumn, writeTable } from './writeTable.ts';
