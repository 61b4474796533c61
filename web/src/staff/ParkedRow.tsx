import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { Link } from 'wouter';
import type { ParkedSummary } from '../api/client';
import { shortId } from '../orders/words';
import { Confirm } from '../ui/Confirm';
import { ErrorState, Loading } from '../ui/states';
import { Ago } from './Ago';
import { messageQuery, parkedAction } from './broker';
import { orderAddress, plainly, pretty, size } from './words';

interface Props {
  message: ParkedSummary;
  /** Called with a sentence about the result. */
  onDone: (result: string) => void;
}

/** A parked message: the reason, the facts and the actions. */
export function ParkedRow({ message, onDone }: Props) {
  const client = useQueryClient();
  const replay = useMutation(parkedAction(client, message, 'replay'));
  const discard = useMutation(parkedAction(client, message, 'discard'));
  const [isOpen, setOpen] = useState(false);
  const [reasonId, detailsId] = [useId(), useId()];
  const busy = replay.isPending || discard.isPending;
  const error = replay.error ?? discard.error;
  const act = (action: typeof replay, other: typeof replay) => {
    if (busy) return;
    other.reset();
    action.mutate(undefined, { onSuccess: onDone });
  };
  return (
    <li className="parked">
      <p id={reasonId} className="parked-reason">
        {message.reason}
      </p>
      <Facts message={message} />
      <div className="parked-actions">
        <button
          type="button"
          className="button"
          aria-describedby={reasonId}
          aria-disabled={busy}
          onClick={() => act(replay, discard)}
        >
          <span className={replay.isPending ? 'busy' : undefined}>Replay</span>
        </button>
        <button
          type="button"
          className="button"
          aria-describedby={reasonId}
          aria-expanded={isOpen}
          aria-controls={detailsId}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Hide the message' : 'Show the message'}
        </button>
        <Confirm
          button="Discard"
          question="Discard this message?"
          yes="Yes, discard it"
          no="Keep it"
          busy={discard.isPending}
          describedBy={reasonId}
          onYes={() => act(discard, replay)}
        >
          It cannot be replayed after that.
        </Confirm>
      </div>
      {error !== null && (
        <p className="field-error" role="alert">
          {plainly(error)}
        </p>
      )}
      <div id={detailsId}>{isOpen && <Details id={message.id} />}</div>
    </li>
  );
}

function Facts({ message }: Omit<Props, 'onDone'>) {
  const { type, queue, order_id, parked_at, attempt, bytes } = message;
  const order = orderAddress(message);
  return (
    <dl className="facts">
      <Fact name="Event">{type ?? 'unknown'}</Fact>
      <Fact name="Order">
        {order === null ? (order_id ?? 'none') : <Link href={order}>{shortId(message.order_id ?? '')}</Link>}
      </Fact>
      <Fact name="From">{queue ?? 'unknown'}</Fact>
      <Fact name="Parked">{parked_at == null ? 'unknown' : <Ago at={parked_at} />}</Fact>
      <Fact name="Failed before">{attempt === 1 ? 'once' : `${attempt} times`}</Fact>
      <Fact name="Size">{size(bytes)}</Fact>
      <Fact name="Message" wide>
        {message.message_id ?? 'without an id'}
      </Fact>
    </dl>
  );
}

function Fact({ name, wide = false, children }: { name: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={wide ? 'fact fact-wide' : 'fact'}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Headers and body, fetched when they are opened. Both are shown as text, never as markup. */
function Details({ id }: { id: string }) {
  const message = useQuery(messageQuery(id));
  if (message.isPending) return <Loading rows={1} />;
  if (message.data === undefined)
    return <ErrorState error={message.error} say={plainly} retry={() => void message.refetch()} />;
  const { body, body_is_cut, headers } = message.data;
  return (
    <div className="parked-details">
      {/* The body scrolls, so the keyboard must be able to focus it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="payload" tabIndex={0} role="region" aria-label="Body">
        {body === '' ? '(empty)' : pretty(body)}
      </pre>
      {body_is_cut && (
        <p className="quiet small">
          Only the beginning is shown. To see the whole message, run <code>orderctl --json parked show {id}</code>
        </p>
      )}
      <dl className="details">
        {Object.entries(headers).map(([name, value]) => (
          <div key={name} className="header-pair">
            <dt>{name}</dt>
            <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
