export function Footer() {
  return (
    <footer className="footer">
      <div className="wide">
        <p>
          <strong>This is a demonstration.</strong> Every order takes its real way through the shop&rsquo;s systems, but
          the cards are test cards: no money moves and nothing is sent.
        </p>
      </div>
    </footer>
  );
}
