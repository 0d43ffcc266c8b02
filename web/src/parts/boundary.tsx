import { Component, type ReactNode } from "react";

import { Empty } from "./states";

/** Keeps one broken part from taking the page with it, and offers the way out after a new release. */
export class Boundary extends Component<{ children: ReactNode; what: string }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Empty
        icon="triangle-alert"
        title={`${this.props.what} could not be shown`}
        actions={
          <>
            <button className="btn" onClick={() => this.setState({ failed: false })}>Try again</button>
            <button className="btn" onClick={() => window.location.reload()}>Reload the console</button>
          </>
        }
      >
        A newer version may have been installed while this page was open.
      </Empty>
    );
  }
}
