import type { HistoryEntry, OrderStatus } from '../api/client';
import { second } from '../ui/format';
import { type StepState, timeline } from './timeline';

const HEARD: Record<StepState, string> = {
  done: 'done',
  current: 'in progress',
  waiting: 'not started',
  failed: 'failed',
  skipped: 'skipped',
};

/** Always four steps of the same size, so that the page does not move when the status changes. */
export function Timeline({ status, history }: { status: OrderStatus; history: readonly HistoryEntry[] }) {
  return <Steps steps={timeline(status, history)} className="timeline" />;
}

interface StepsProps {
  steps: readonly { key: string; label: string; state: StepState; at?: string | undefined }[];
  className: string;
}

/** Steps side by side, with a line between them. */
export function Steps({ steps, className }: StepsProps) {
  return (
    <ol className={className}>
      {steps.map(({ key, label, state, at }) => (
        <li key={key} className={`step step-${state}`} aria-current={state === 'current' ? 'step' : undefined}>
          <span className="step-dot" aria-hidden="true">
            <Sign state={state} />
          </span>
          <span className="step-label">
            {label}
            <span className="only-heard">: {HEARD[state]}</span>
          </span>
          <span className="step-time">{at === undefined ? ' ' : second(at)}</span>
        </li>
      ))}
    </ol>
  );
}

function Sign({ state }: { state: StepState }) {
  if (state === 'done')
    return (
      <svg viewBox="0 0 16 16">
        <path d="M3.500 8.500l3 3 6-7" />
      </svg>
    );
  if (state === 'failed')
    return (
      <svg viewBox="0 0 16 16">
        <path d="M4 4l8 8M12 4l-8 8" />
      </svg>
    );
  return null;
}
