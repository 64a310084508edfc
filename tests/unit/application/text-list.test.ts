import { describe, expect, it } from 'vitest';
import { TextList } from '../../../src/application/services/text-list.js';

describe('a list of packed texts', () => {
  it.each([0, 1, 999, 1_000, 1_001, 3_000])(
    'gives %d texts as they came, as often as it is asked',
    (count) => {
      const texts = Array.from({ length: count }, (_, at) => `sha256:${at} v${at}`);
      const list = new TextList();
      for (const text of texts) list.push(text);
      expect([...list]).toEqual(texts);
      expect([...list]).toEqual(texts);
    },
  );
});
