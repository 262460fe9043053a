import { featureImportance } from '../../gbdt/importance.ts';
import type { Model } from '../../gbdt/model.ts';
import { html } from '../html.ts';
import { count, percent } from '../numberText.ts';
import { cleanText, fitName, textWidth } from './svgText.ts';

/** How much a feature matters to a model. */
export interface FeatureImportance {
  readonly name: string;
  /** Splits made with it. */
  readonly splits: number;
  /** Sum of the gains of those. */
  readonly gain: number;
  /** Its part of all gain, 0 to 1. */
  readonly share: number;
}

/** The features of a model by their gain, largest first; of equal ones the earlier feature first. */
export function importancesOf(model: Model): FeatureImportance[] {
  const splits = featureImportance(model, 'split');
  const gains = featureImportance(model, 'gain');
  const total = gains.reduce((sum, gain) => sum + gain, 0) || 1;
  return model.featureNames
    .map((name, i) => ({ name, splits: splits[i], gain: gains[i], share: gains[i] / total }))
    .sort((a, b) => b.gain - a.gain || b.splits - a.splits);
}

/**
 * Draws the importances of the first `top` features as bars, shares of all gain beside counts of splits, as SVG.
 *
 * @example
 * await writeFile('importances.svg', importancesSvg(model));
 */
export function importancesSvg(model: Model, { top = 30 }: { top?: number } = {}): string {
  const all = importancesOf(model);
  const shown = all.slice(0, top);
  const row = 24;
  const margin = 28;
  const head = 92;
  const bar = 300;
  const nameWidth = Math.min(260, Math.max(60, ...shown.map(({ name }) => textWidth(name, 13))));
  const left = margin + nameWidth + 14;
  const right = left + bar + 84;
  const width = Math.ceil(right + bar + 64 + margin);
  const height = head + shown.length * row + margin;
  const mostShare = Math.max(...shown.map(({ share }) => share)) || 1;
  const mostSplits = Math.max(...shown.map(({ splits }) => splits)) || 1;
  const cut = all.length > shown.length ? `, the first ${shown.length} shown` : '';
  const bars = shown.map(({ name, share, gain, splits }, i) => {
    const y = head + i * row;
    const gainWidth = Math.round((bar * share * 10) / mostShare) / 10;
    const splitWidth = Math.round((bar * splits * 10) / mostSplits) / 10;
    return html`<g><title>${`${cleanText(name)}: gain ${gain.toPrecision(6)}, ${count(splits)} splits`}</title>
<text x="${left - 12}" y="${y + 14}" text-anchor="end" font-size="13">${fitName(cleanText(name), 13, nameWidth)}</text>
<rect x="${left}" y="${y + 2}" width="${gainWidth}" height="15" rx="3" fill="#2f6fb0"/><text x="${left + gainWidth + 7}" y="${y + 14}" fill="#39424e">${percent(share)}</text>
<rect x="${right}" y="${y + 2}" width="${splitWidth}" height="15" rx="3" fill="#d98b3f"/><text x="${right + splitWidth + 7}" y="${y + 14}" fill="#39424e">${count(splits)}</text></g>
`;
  });
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', sans-serif" font-size="12" fill="#1b1f24">
<title>Importances of features</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${margin}" y="38" font-size="18" font-weight="650">Importances of features</text>
<text x="${margin}" y="58" fill="#5b6470">${count(model.trees.length)} trees, ${count(all.length)} features${cut}</text>
<text x="${left}" y="${head - 10}" fill="#5b6470">share of all gain</text><text x="${right}" y="${head - 10}" fill="#5b6470">splits</text>
<g style="font-variant-numeric:tabular-nums">${bars}</g>
</svg>
`.markup;
}
