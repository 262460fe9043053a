/** How files write a reading that is missing, in whatever case; an empty cell is one of them. */
export const missingSpellings: readonly string[] = [
  '',
  ...['na', 'n/a', '#n/a', 'nan', 'null', 'none'].flatMap((word) => [
    word,
    word.toUpperCase(),
    word[0].toUpperCase() + word.slice(1),
  ]),
  'NaN',
  '-',
  '--',
  '?',
];
