import { sentence } from '../api/problem';

interface List {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  error: unknown;
  fetchNextPage: () => unknown;
}

/** The way to the next page of a list; nothing where there is none. */
export function MoreButton({ list, what }: { list: List; what: string }) {
  if (!list.hasNextPage) return null;
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
        onClick={() => !list.isFetchingNextPage && list.fetchNextPage()}
      >
        <span className={list.isFetchingNextPage ? 'busy' : undefined}>Show more {what}</span>
      </button>
    </div>
  );
}
