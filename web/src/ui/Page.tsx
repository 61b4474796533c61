import { type ReactNode, useEffect, useRef } from 'react';

interface Props {
  title: string;
  /** Content beside the heading. */
  aside?: ReactNode;
  /** The heading, if it needs more than the title. */
  heading?: ReactNode;
  children: ReactNode;
}

/** True from the second page on. At the first page, the browser sets the focus itself. */
let hasNavigated = false;

/** Moves the focus to the heading of the page. Used when the element with the focus has disappeared. */
export function focusHeading(): void {
  document.querySelector<HTMLElement>('main h1')?.focus();
}

/**
 * A page. Its heading gets the focus, so that a screen reader announces the page and the keyboard starts at the top.
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
