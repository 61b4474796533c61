import { Component, type ReactNode } from 'react';
import { ErrorState } from './states';

/** A fault in a page is said in its place; the rest of the shop goes on. */
export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    // A part of the page that cannot be loaded any more is of an older version of the shop.
    return <ErrorState error={this.state.error} retry={() => location.reload()} />;
  }
}
