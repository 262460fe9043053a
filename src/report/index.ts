export { importancesOf, importancesSvg } from './boosting/importances.ts';
export { treeSvg } from './boosting/treeSvg.ts';
export { treeText } from './boosting/treeText.ts';
export { renderReport } from './renderReport.ts';
export type { Provenance, ReportData } from './reportData.ts';
