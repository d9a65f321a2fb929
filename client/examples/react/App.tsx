import { useState } from "react";

import { desk, usePageCount } from "./desk";

export function App() {
  const [said, say] = useState("Put letters into the feeder.");
  const [isShown, show] = useState(true);
  const count = usePageCount();
  return (
    <flatbed-desk desk={desk}>
      <header className="top">
        <h1>Incoming mail ({count})</h1>
        <label>
          <input
            type="checkbox"
            checked={isShown}
            onChange={(event) => {
              show(event.target.checked);
            }}
          />
          Show pages
        </label>
        <flatbed-save
          onflatbed-save={({ detail: file }) => {
            say(`Saved as ${file.name}.`);
          }}
        />
      </header>
      <main>
        <section className="scan">
          <flatbed-status whenNeeded />
          <flatbed-pause />
          <flatbed-scan-button
            source="feeder"
            dpi={150}
            color="gray"
            onflatbed-scan-end={({ detail: { state, pages } }) => {
              say(`The scan is ${state}, with ${pages.length} pages.`);
            }}
          />
          <p role="status">{said}</p>
        </section>
        {isShown && (
          <section className="pages">
            <flatbed-gallery />
            <flatbed-editor
              tools="rotate deskew crop erase"
              onflatbed-page-edited={({ detail: { op } }) => {
                say(`A page was changed: ${op}.`);
              }}
            />
          </section>
        )}
      </main>
      <flatbed-notices />
    </flatbed-desk>
  );
}
