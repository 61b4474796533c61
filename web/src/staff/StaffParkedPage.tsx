import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { MoreButton } from '../ui/MoreButton';
import { Page } from '../ui/Page';
import { Empty, ErrorState, Loading } from '../ui/states';
import { parkedDepth, parkedQuery, queuesQuery } from './broker';
import { ParkedRow } from './ParkedRow';
import { byId, plainly } from './words';

export default function StaffParkedPage() {
  return (
    <Page title="Parked messages">
      <p className="lead">
        What could not be dealt with waits here. Replay a message once what was wrong is mended: its worker gets it as
        if for the first time, and what was done already is not done again.
      </p>
      <Parked />
    </Page>
  );
}

function Parked() {
  const list = useInfiniteQuery({ ...parkedQuery, refetchOnMount: 'always' });
  const total = list.data?.pages.at(-1)?.total;
  useFollowDepth(total, list.refetch);
  const [done, setDone] = useState({ count: 0, what: '' });
  const said = useRef<HTMLParagraphElement>(null);
  // What had the focus is gone with its message.
  useEffect(() => {
    if (done.count > 0) said.current?.focus();
  }, [done]);

  if (list.isPending) return <Loading rows={3} />;
  if (list.data === undefined) return <ErrorState error={list.error} say={plainly} retry={() => void list.refetch()} />;
  const messages = byId(list.data.pages.flatMap((page) => page.items));
  return (
    <>
      <p className="done" role="status" tabIndex={-1} ref={said}>
        {done.what}
      </p>
      {list.isRefetchError && (
        <p className="notice" role="alert">
          This may be out of date. {plainly(list.error)}
        </p>
      )}
      {messages.length === 0 ? (
        <Empty title="Nothing is parked." />
      ) : (
        <ul className="parked-list">
          {messages.map(({ message, count }) => (
            <ParkedRow
              key={message.id}
              message={message}
              count={count}
              now={list.dataUpdatedAt}
              onDone={(what) => setDone({ count: done.count + 1, what })}
            />
          ))}
        </ul>
      )}
      <div className="parked-end">
        <button type="button" className="button" aria-disabled={list.isFetching} onClick={() => void list.refetch()}>
          <span className={list.isRefetching ? 'busy' : undefined}>Look again</span>
        </button>
        {total !== undefined && total > 0 && <p className="quiet small">{total} parked in all</p>}
      </div>
      <MoreButton list={list} what="messages" />
    </>
  );
}

/** Looks again when the queue's depth, which can be asked for without touching a message, is another one. */
function useFollowDepth(total: number | undefined, look: () => unknown) {
  const { data: depth, dataUpdatedAt } = useQuery({ ...queuesQuery, select: parkedDepth });
  // Each count is compared, also one that has not changed: what was replayed may be parked again by the time.
  useEffect(() => {
    if (depth !== undefined && total !== undefined && depth !== total) look();
  }, [depth, dataUpdatedAt, total, look]);
}
