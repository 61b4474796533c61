/** Placeholders for content that loads, failed to load or does not exist. */

import type { ReactNode } from 'react';
import { Refused, sentence } from '../api/problem';

/** Blocks of the size of the content, so that the page does not move when the content arrives. */
export function Loading({ rows = 3, kind = 'row' }: { rows?: number; kind?: 'row' | 'card' | 'block' }) {
  return (
    <div className={`loading loading-${kind}`} role="status">
      <span className="only-heard">Loading…</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className="skeleton" />
      ))}
    </div>
  );
}

interface ErrorProps {
  error: unknown;
  retry?: () => void;
  /** The text of the error, if it is not for customers. */
  say?: (error: unknown) => string;
}

export function ErrorState({ error, retry, say = sentence }: ErrorProps) {
  const requestId = error instanceof Refused && error.status >= 500 ? error.requestId : null;
  return (
    <div className="state" role="alert">
      <p>{say(error)}</p>
      {requestId !== null && <p className="quiet small">Reference: {requestId}</p>}
      {retry && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <p className="state-title">{title}</p>
      {children}
    </div>
  );
}
