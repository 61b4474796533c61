import { useEffect, useRef, useState } from 'react';
import { sentence } from '../api/problem';

interface List {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  error: unknown;
  fetchNextPage: () => unknown;
}

/** The button for the next page of a list, if there is one. */
export function MoreButton({ list, what }: { list: List; what: string }) {
  const [isPressed, setPressed] = useState(false);
  const end = useRef<HTMLParagraphElement>(null);

  // The button disappears after the last page, so the focus must move.
  useEffect(() => {
    if (!list.hasNextPage && document.activeElement === document.body) end.current?.focus();
  }, [list.hasNextPage]);

  if (!list.hasNextPage) {
    return isPressed ? (
      <p ref={end} tabIndex={-1} className="more quiet">
        No more {what}.
      </p>
    ) : null;
  }
  return (
    <div className="more">
      {list.isFetchNextPageError && (
        <p className="field-error" role="alert">
          {sentence(list.error)}
        </p>
      )}
      <button
        type="button"
        className="button"
        aria-disabled={list.isFetchingNextPage}
        onClick={() => {
          if (list.isFetchingNextPage) return;
          setPressed(true);
          list.fetchNextPage();
        }}
      >
        <span className={list.isFetchingNextPage ? 'busy' : undefined}>Show more {what}</span>
      </button>
    </div>
  );
}
