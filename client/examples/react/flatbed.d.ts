/** The elements as React's JSX knows them: their properties, and `onflatbed-...` for each event. */
import type { ElementEvents, ElementProperties, ElementTags } from "flatbed/elements";
import type { DetailedHTMLProps, HTMLAttributes } from "react";

type Listeners = {
  [Type in keyof ElementEvents as `on${Type}`]?: (event: ElementEvents[Type]) => void;
};
type Props<Tag extends keyof ElementTags> = Partial<ElementProperties[Tag]> &
  DetailedHTMLProps<HTMLAttributes<ElementTags[Tag]>, ElementTags[Tag]> &
  Listeners;
type FlatbedElements = { [Tag in keyof ElementTags]: Props<Tag> };

declare module "react" {
  namespace JSX {
    interface IntrinsicElements extends FlatbedElements {}
  }
}
