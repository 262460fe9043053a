/** C's `%.17g`: reads back as the same double. */
export function formatExactly(value: number): string {
  return formatGeneral(value, 17);
}

/** C's `%g`: six digits. */
export function formatShort(value: number): string {
  return formatGeneral(value, 6);
}

function formatGeneral(value: number, precision: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 10 ** Math.min(precision, 15)) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const sign = value < 0 ? '-' : '';
  const { digits, exponent } = decimal(Math.abs(value), precision);
  const shown = digits.replace(/0+$/, '');
  if (exponent < -4 || exponent >= precision) {
    const fraction = shown.length > 1 ? `.${shown.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${shown[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-1 - exponent)}${shown}`;
  const whole = shown.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = shown.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

// The digits rounded as C does it: a tie goes to the even digit, where JavaScript takes the larger.
function decimal(value: number, precision: number): { digits: string; exponent: number } {
  const longer = value.toExponential(precision);
  if (longer[precision + 1] === '5' && isTie(value, precision)) {
    const [mantissa, exponent] = longer.split('e');
    const cut = mantissa.replace('.', '').slice(0, precision);
    if (Number(cut[precision - 1]) % 2 === 0) return { digits: cut, exponent: Number(exponent) };
  }
  const [mantissa, exponent] = value.toExponential(precision - 1).split('e');
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

function isTie(value: number, precision: number): boolean {
  const [mantissa] = value.toExponential(100).split('e');
  return /^50*$/.test(mantissa.slice(precision + 1));
}
