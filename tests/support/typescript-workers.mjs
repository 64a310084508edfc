// Worker threads load their files through Node, not through vitest. These hooks let Node read our TypeScript, so that
// tests run the workers of src/ and not those of an older build. Used as `node --import` (vitest.config.ts: execArgv).
import { register } from 'node:module';

register(new URL('./typescript-hooks.mjs', import.meta.url));
