/** What the scanners of a service in memory can do, by TWAIN numbers. */

const TYPES = { query: { value: 0, label: "" }, valueType: { value: 4, label: "TWTY_UINT16" } };

function choice(value: number, label: string, enums: readonly number[], current = 0) {
  const conType = { value: 4, label: "TWON_ENUMERATION" };
  const [curValue, defaultValue] = [enums[current], enums[current]];
  const place = { curIndex: current, defIndex: current };
  return {
    capability: { value, label },
    conType,
    ...TYPES,
    curValue,
    defaultValue,
    enums,
    ...place,
  };
}

function one(value: number, label: string, curValue: number) {
  const conType = { value: 5, label: "TWON_ONEVALUE" };
  return { capability: { value, label }, conType, ...TYPES, curValue, defaultValue: curValue };
}

/** A flatbed with a feeder that scans both sides of A4. */
export const CAPABILITIES = [
  choice(257, "ICAP_PIXELTYPE", [0, 1, 2], 2),
  choice(4098, "CAP_FEEDERENABLED", [0, 1]),
  one(4099, "CAP_FEEDERLOADED", 1),
  one(4114, "CAP_DUPLEX", 1),
  one(4369, "ICAP_PHYSICALWIDTH", 8.27),
  one(4370, "ICAP_PHYSICALHEIGHT", 11.69),
  choice(4376, "ICAP_XRESOLUTION", [75, 150, 300, 600], 2),
  choice(4377, "ICAP_YRESOLUTION", [75, 150, 300, 600], 2),
];
