/** Something to wait for until the test lets it go. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  const doors: (() => void)[] = [];
  const passed = new Promise<void>((resolve) => doors.push(resolve));
  return { passed, open: () => doors.forEach((door) => door()) };
}
