export { renderReport } from './renderReport.ts';
export type { Provenance, ReportData } from './reportData.ts';
