/** An equation of einsum taken apart: one letter an axis; axes behind `...` are called `...0`, `...1`, from the last. */
export interface EinsumTerms {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * Reads `bij,bjk->bik`. Without `->` the output has the letters that occur once, in the order of the alphabet, after
 * the axes of `...`, as in numpy.
 */
export function parseEinsum(
  equation: string,
  ranks: readonly number[],
  error: (problem: string) => Error,
): EinsumTerms {
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->');
  const words = left.split(',');
  if (more.length > 0 || !/^[A-Za-z.,]*$/.test(left + (right ?? ''))) {
    throw error(`invalid equation ${equation}; expected letters as in bij,bjk->bik`);
  }
  if (words.length !== ranks.length) {
    throw error(`equation ${equation} has ${words.length} operands, ${ranks.length} are given`);
  }
  const operands = words.map((word, i) => {
    const letters = spell(word, ranks[i]);
    if (letters.length !== ranks[i]) {
      throw error(`${word} of ${equation} names ${letters.length} axes; operand ${i} has ${ranks[i]}`);
    }
    return letters;
  });
  const dots = [...new Set(operands.flat().filter((letter) => letter.startsWith('...')))].sort().reverse();
  if (right === undefined) {
    const all = operands.flat();
    const once = all.filter(
      (letter) => !letter.startsWith('...') && all.indexOf(letter) === all.lastIndexOf(letter),
    );
    return { operands, output: [...dots, ...once.sort()] };
  }
  const output = right
    .split(/(\.\.\.|[A-Za-z])/)
    .filter((part) => part !== '')
    .flatMap((part) => (part === '...' ? dots : [part]));
  const unknown = output.find((letter) => !operands.flat().includes(letter));
  if (unknown !== undefined || new Set(output).size < output.length) {
    throw error(`invalid output ${right} of ${equation}; every letter must come once, and from an operand`);
  }
  return { operands, output };
}

function spell(word: string, rank: number): string[] {
  const [before, after] = word.split('...');
  if (after === undefined) return [...before];
  const hidden = Math.max(0, rank - before.length - after.length);
  return [...before, ...Array.from({ length: hidden }, (_, i) => `...${hidden - 1 - i}`), ...after];
}
