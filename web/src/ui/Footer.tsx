export function Footer() {
  return (
    <footer className="footer">
      <div className="wide">
        <p>
          <strong>This is a demonstration.</strong> Orders pass through the shop&rsquo;s real systems, but the cards are
          test cards. No money moves and no goods are sent.
        </p>
      </div>
    </footer>
  );
}
