import { type ReactNode, useEffect, useRef } from 'react';

interface Props {
  title: string;
  /** Beside the heading. */
  aside?: ReactNode;
  /** For headings that need more than the title. */
  heading?: ReactNode;
  children: ReactNode;
}

/** True from the second page on: at the first, the browser puts the focus itself. */
let hasNavigated = false;

/** Puts the focus on the heading of the page that is shown, for when the element that had it is gone. */
export function focusHeading(): void {
  document.querySelector<HTMLElement>('main h1')?.focus();
}

/**
 * A page. Its heading takes the focus, so that a screen reader says where its user is, and the keyboard continues from
 * the top.
 */
export function Page({ title, aside, heading, children }: Props) {
  const top = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    document.title = `${title} · Orderflow`;
  }, [title]);

  useEffect(() => {
    if (hasNavigated) {
      window.scrollTo(0, 0);
      top.current?.focus({ preventScroll: true });
    }
    hasNavigated = true;
  }, []);

  return (
    <>
      <div className="page-head">
        <h1 ref={top} tabIndex={-1} dir="auto">
          {heading ?? title}
        </h1>
        {aside}
      </div>
      {children}
    </>
  );
}
