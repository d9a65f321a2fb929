/** Scan jobs, the newest first. */

import { ask } from "../shared/api";
import { button, h, type Child } from "../shared/dom";
import type { JobState, ListedJob } from "../shared/wire";
import { Card, factLine, faultText, isolated, type Voice } from "./card";

const DOTS: Readonly<Record<JobState, string>> = {
  pending: "off",
  running: "busy",
  paused: "busy",
  completed: "good",
  faulted: "bad",
  canceled: "off",
};

/** The section. */
export class Jobs {
  readonly card: Card;

  constructor(private readonly voice: Voice) {
    this.card = new Card(voice, "jobs", voice.texts.status.jobs);
  }

  /** Shows them. */
  show(jobs: readonly ListedJob[]): void {
    this.card.draw(jobs, () => [
      jobs.length === 0
        ? h("p", { class: "empty" }, this.voice.texts.status.noJobs)
        : h("ul", { class: "rows" }, ...jobs.map((job) => this.row(job))),
    ]);
  }

  private row(job: ListedJob): HTMLElement {
    return h("li", { class: "row" }, this.facts(job), this.cancel(job), this.trouble(job));
  }

  private facts(job: ListedJob): HTMLElement {
    const { texts, format } = this.voice;
    const words = texts.status;
    const who = job.origin === "local" ? words.byPrograms : isolated(job.origin);
    const state = h("span", { class: `dot ${DOTS[job.status]}` }, words.jobStates[job.status]);
    const when = job.finishedAt ?? job.createdAt;
    return h(
      "div",
      {},
      h("p", { class: "name" }, isolated(job.scanner)),
      factLine(state, words.pages(job.pages)),
      factLine(who, when === null ? null : format.moment(when)),
    );
  }

  private cancel(job: ListedJob): Child {
    if (!["pending", "running", "paused"].includes(job.status)) return null;
    const words = this.voice.texts.status;
    const act = (): void => {
      void this.card.act(async () => {
        const path = `/api/device/scanners/jobs/${job.jobuid}`;
        await ask("PATCH", path, { status: "canceled" });
        return "";
      });
    };
    const label = words.cancelJobOf(job.scanner);
    return button(`cancel ${job.jobuid}`, words.cancelJob, act, { "aria-label": label });
  }

  private trouble(job: ListedJob): Child {
    const fault = job.error ?? job.waiting;
    if (fault === null) return null;
    return h("p", { class: "below" }, faultText(fault.message, fault.error));
  }
}
