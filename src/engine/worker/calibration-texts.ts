/** Everyday questions over which mean residual norms are taken: they only fix the unit of steering coefficients. */
export const CALIBRATION_TEXTS = [
  'How do I keep bread fresh for a few days?',
  'What is a good way to learn a new language?',
  'Can you explain how rainbows form?',
  'My neighbour plays loud music at night. What should I do?',
  'Which vegetables grow well in a small garden?',
  'How should I store medicine at home?',
  'Write two sentences about a walk by the sea.',
  'What should I pack for a week in the mountains?',
  'How can I save a little money every month?',
  'Why do leaves change colour in autumn?',
  'How do I thank a teacher who helped me?',
  'What is the safest way to cross a busy street?',
];
