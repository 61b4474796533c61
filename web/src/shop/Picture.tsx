/**
 * The picture of a product. Each category has its own drawing, and each product always has the same colour and pattern.
 */

import type { ReactNode } from 'react';
import type { Product } from '../api/client';
import { lookOf, type Look } from './look';

export function Picture({ product }: { product: Pick<Product, 'sku' | 'name' | 'category'> }) {
  const look = lookOf(product);
  const Motif = TOOLS.find(([word]) => word.test(product.name))?.[1] ?? MOTIFS[product.category] ?? Parcel;
  return (
    <span className="picture" data-shelf={product.category} data-colour={look.colour} aria-hidden="true">
      <svg viewBox="14 18 172 172" role="presentation">
        <ellipse className="p-shadow" cx="100" cy="163" rx="62" ry="7" />
        <Motif {...look} />
      </svg>
    </span>
  );
}

const MOTIFS: Record<string, (look: Look) => ReactNode> = {
  Tea: Tin,
  Coffee: Bag,
  Cups: Cup,
  Brewing: Kettle,
  Sweets: Biscuits,
  Gifts: Present,
};

/** Products with a different drawing than the rest of their category. */
const TOOLS: readonly (readonly [RegExp, (look: Look) => ReactNode])[] = [
  [/\bfrench press\b/i, Press],
  [/\b(dripper|filters)\b/i, Dripper],
  [/\bgrinder\b/i, Grinder],
  [/\b(mug|yunomi|glass)\b/i, Beaker],
];

const LEAF = 'M0 22C-15 10-13-10 0-24C13-10 15 10 0 22Z';

/** The pattern on tins, bags and cups, centred at 0, 0. */
function Pattern({ pattern }: Look) {
  switch (pattern) {
    case 'leaf':
      return (
        <>
          <path className="p-ink" d={LEAF} />
          <path className="p-line-light" d="M0 18V-14M0 6L6-2M0 6L-6-2M0-4L5-10M0-4L-5-10" />
        </>
      );
    case 'sun':
      return (
        <>
          <circle className="p-ink" r="9" cy="2" />
          <path className="p-line-ink" d="M-20 14H20M-14 20H14M0-14V-20M12-9L17-14M-12-9L-17-14" />
        </>
      );
    case 'blossom':
      return (
        <>
          {[0, 72, 144, 216, 288].map((turn) => (
            <ellipse key={turn} className="p-ink" rx="6.5" ry="9" cy="-12" transform={`rotate(${turn})`} />
          ))}
        </>
      );
    case 'waves':
      return (
        <path
          className="p-line-ink"
          d="M-20-10q5-7 10 0t10 0t10 0t10 0M-20 2q5-7 10 0t10 0t10 0t10 0M-20 14q5-7 10 0t10 0t10 0t10 0"
        />
      );
  }
}

function Tin(look: Look) {
  if (look.pattern === 'blossom' || look.pattern === 'waves') return <LowTin {...look} />;
  return (
    <>
      <rect className="p-body" x="58" y="62" width="84" height="100" rx="5" />
      <rect className="p-side" x="120" y="62" width="22" height="100" rx="5" />
      <rect className="p-lid" x="54" y="44" width="92" height="24" rx="5" />
      <rect className="p-lid-edge" x="54" y="61" width="92" height="7" rx="3" />
      <rect className="p-paper" x="58" y="84" width="84" height="60" />
      <g transform="translate(100 114)">
        <Pattern {...look} />
      </g>
      <path className="p-side-veil" d="M124 84H142V144H124Z" />
    </>
  );
}

function LowTin(look: Look) {
  return (
    <>
      <path className="p-body" d="M44 92H156V148Q156 162 142 162H58Q44 162 44 148Z" />
      <path className="p-side" d="M132 92H156V148Q156 162 142 162H124Q134 160 132 148Z" />
      <rect className="p-lid" x="40" y="72" width="120" height="26" rx="6" />
      <rect className="p-lid-edge" x="40" y="91" width="120" height="7" rx="3" />
      <circle className="p-paper" cx="92" cy="130" r="25" />
      <g transform="translate(92 131) scale(.78)">
        <Pattern {...look} />
      </g>
    </>
  );
}

function Bag(look: Look) {
  return (
    <>
      <path className="p-body" d="M62 64L58 156Q58 163 65 163H135Q142 163 142 156L138 64Z" />
      <path className="p-side" d="M120 64L124 163H135Q142 163 142 156L138 64Z" />
      <path className="p-lid" d="M64 40H136L138 66H62Z" />
      <path className="p-line-light" d="M63 53H137" />
      <rect className="p-clip" x="92" y="60" width="16" height="9" rx="2" />
      <rect className="p-paper" x="72" y="86" width="56" height="58" rx="3" />
      <g transform="translate(100 115)">
        <Pattern {...look} />
      </g>
      <Bean x={46} y={154} turn={-25} />
      <Bean x={152} y={157} turn={35} />
      <Bean x={166} y={150} turn={-10} />
    </>
  );
}

function Bean({ x, y, turn }: { x: number; y: number; turn: number }) {
  return (
    <g transform={`translate(${x} ${y}) rotate(${turn})`}>
      <ellipse className="p-bean" rx="9" ry="6.500" />
      <path className="p-line-light" d="M-8 0q4-4 8 0t8 0" />
    </g>
  );
}

function Cup(look: Look) {
  return (
    <>
      <path className="p-steam" d="M88 60c-8-10 8-14 0-26M104 60c-8-10 8-14 0-26M120 60c-8-10 8-14 0-26" />
      <path className="p-handle" d="M144 92h9a15 15 0 0 1 0 30h-14" />
      <path className="p-body" d="M58 76H148V104C148 132 132 150 110 150H96C74 150 58 132 58 104Z" />
      <path className="p-side-veil" d="M130 76H148V104C148 132 132 150 110 150C124 146 130 128 130 104Z" />
      <ellipse className="p-lid" cx="103" cy="76" rx="45" ry="9" />
      <ellipse className="p-liquor" cx="103" cy="77" rx="38" ry="6" />
      <g className="p-on-body" transform="translate(98 114) scale(.8)">
        <Pattern {...look} />
      </g>
      <path className="p-paper" d="M44 152H162Q156 164 140 164H66Q50 164 44 152Z" />
    </>
  );
}

function Kettle({ pattern }: Look) {
  return (
    <>
      <path className="p-spout" d="M66 128C44 124 50 92 34 80" />
      <path className="p-grip" d="M128 74C166 64 176 110 144 138" />
      <path className="p-body" d="M72 78H128L146 150Q148 162 136 162H64Q52 162 54 150Z" />
      <path className="p-side" d="M118 78H128L146 150Q148 162 136 162H122Q130 150 118 78Z" />
      <path className="p-lid" d="M70 78Q74 60 100 60T130 78Z" />
      <circle className="p-clip" cx="100" cy="55" r="7" />
      {pattern === 'waves' || pattern === 'blossom' ? (
        <path className="p-line-light" d="M60 132H126M58 142H128" />
      ) : (
        <circle className="p-paper" cx="92" cy="122" r="13" />
      )}
    </>
  );
}

function Press() {
  return (
    <>
      <path className="p-grip" d="M136 84H150Q160 84 160 96V134Q160 146 148 146H136" />
      <path className="p-line-grip" d="M100 66V36" />
      <circle className="p-dark" cx="100" cy="34" r="8" />
      <path className="p-body" d="M58 80Q58 62 76 62H124Q142 62 142 80Z" />
      <rect className="p-glass" x="62" y="80" width="76" height="82" rx="6" />
      <path className="p-liquor" d="M64 108H136V156Q136 160 131 160H69Q64 160 64 156Z" />
      <path className="p-side-veil" d="M120 80H138V156Q138 162 132 162H120Z" />
      <path className="p-body" d="M58 88H142V96H58ZM58 146H142V154H58Z" />
    </>
  );
}

function Dripper() {
  return (
    <>
      <path className="p-paper" d="M58 46H142L122 92H78Z" />
      <path className="p-body" d="M50 62H150L124 106H76Z" />
      <path className="p-side" d="M130 62H150L124 106H112Z" />
      <path className="p-line-light" d="M76 70L88 98M100 70V98M124 70L112 98" />
      <rect className="p-lid" x="64" y="104" width="72" height="8" rx="4" />
      <path className="p-glass" d="M76 112H124L138 150Q140 162 128 162H72Q60 162 62 150Z" />
      <path className="p-liquor" d="M68 136H132L137 150Q139 160 128 160H72Q61 160 63 150Z" />
    </>
  );
}

function Grinder() {
  return (
    <>
      <path className="p-line-grip" d="M100 50H150V62" />
      <circle className="p-dark" cx="150" cy="66" r="8" />
      <rect className="p-lid" x="74" y="46" width="52" height="14" rx="5" />
      <path className="p-body" d="M72 60H128L124 108H76Z" />
      <path className="p-side" d="M114 60H128L124 108H110Z" />
      <rect className="p-paper" x="74" y="106" width="52" height="10" />
      <rect className="p-body" x="76" y="116" width="48" height="46" rx="6" />
      <path className="p-side" d="M110 116H124V156Q124 162 118 162H110Z" />
    </>
  );
}

/** A cup without a handle. */
function Beaker(look: Look) {
  return (
    <>
      <path className="p-steam" d="M88 52c-7-9 7-12 0-22M106 52c-7-9 7-12 0-22" />
      <path className="p-body" d="M64 66H136L128 152Q127 162 117 162H83Q73 162 72 152Z" />
      <path className="p-side-veil" d="M118 66H136L128 152Q127 162 117 162H108Q116 156 116 146Z" />
      <ellipse className="p-lid" cx="100" cy="66" rx="36" ry="8" />
      <ellipse className="p-liquor" cx="100" cy="67" rx="30" ry="5.500" />
      <g className="p-on-body" transform="translate(95 116) scale(.8)">
        <Pattern {...look} />
      </g>
    </>
  );
}

function Biscuits({ pattern }: Look) {
  const chips = pattern === 'leaf' || pattern === 'sun';
  return (
    <>
      <path className="p-paper" d="M36 148H164Q158 164 140 164H60Q42 164 36 148Z" />
      {[
        [74, 122, -8],
        [126, 122, 10],
        [100, 84, 0],
      ].map(([x, y, turn]) => (
        <g key={x} transform={`translate(${x} ${y}) rotate(${turn})`}>
          <circle className="p-body" r="29" />
          <circle className="p-rim" r="24" />
          {chips ? (
            <path className="p-chips" d="M-10-8h.1M8-12h.1M12 6h.1M-4 6h.1M-13 8h.1M2 15h.1M-1-17h.1" />
          ) : (
            <path className="p-line-ink" d="M-16-8L16 8M-16 8L16-8M0-18V18" />
          )}
        </g>
      ))}
    </>
  );
}

function Present(look: Look) {
  return (
    <>
      <rect className="p-body" x="52" y="88" width="96" height="75" rx="4" />
      <rect className="p-side" x="124" y="88" width="24" height="75" rx="4" />
      <rect className="p-lid" x="46" y="72" width="108" height="26" rx="4" />
      <rect className="p-ribbon" x="90" y="72" width="20" height="91" />
      <path
        className="p-ribbon"
        d="M100 72C72 74 62 60 70 50C80 40 98 54 100 72C102 54 120 40 130 50C138 60 128 74 100 72Z"
      />
      <path className="p-line-light" d="M100 70C90 56 82 52 77 55M100 70C110 56 118 52 123 55" />
      <g className="p-tag" transform="translate(72 128) scale(.55)">
        <Pattern {...look} />
      </g>
    </>
  );
}

/** For categories without a drawing. */
function Parcel() {
  return (
    <>
      <path className="p-body" d="M50 82L100 62L150 82V144L100 164L50 144Z" />
      <path className="p-side" d="M100 102L150 82V144L100 164Z" />
      <path className="p-lid" d="M50 82L100 62L150 82L100 102Z" />
      <path className="p-line-light" d="M75 72L125 92V112" />
    </>
  );
}
