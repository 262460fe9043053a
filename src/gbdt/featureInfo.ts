import type { BinMapper } from './binMapper.ts';
import { formatExactly } from './numberText.ts';

/** What the model file says of a feature's values. */
export function featureInfo(mapper: BinMapper): string {
  if (mapper.trivial) return 'none';
  if (mapper.kind === 'categorical') return mapper.categories.join(':');
  return `[${formatExactly(mapper.minimum)}:${formatExactly(mapper.maximum)}]`;
}
