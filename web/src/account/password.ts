/** The password as typed. Space at its ends is part of it. */
export function password(form: FormData): string {
  const value = form.get('password');
  return typeof value === 'string' ? value : '';
}
