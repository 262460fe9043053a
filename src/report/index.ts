export type { Provenance, ReportData } from './reportData.ts';
