import { dataError } from '../core/errors.ts';

/**
 * Checks a feature name against what the model file can hold: blanks become `_` as LightGBM's Python package does.
 *
 * @throws TrainyardError of kind `data` for names with JSON special characters, which LightGBM rejects too.
 */
export function featureName(name: string): string {
  if (name === '' || /[",:[\]{}\n\r]/.test(name)) {
    throw dataError(
      `invalid feature name ${JSON.stringify(name)}; expected text without quotes, commas, colons, brackets or line breaks`,
      'rename the feature',
    );
  }
  return cleanFeatureName(name);
}

/** A name with `_` for blanks, as the model file holds it. */
export function cleanFeatureName(name: string): string {
  return name.replaceAll(/\s/g, '_');
}
