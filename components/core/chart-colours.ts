/**
 * Colours of charts, on the dashboard in CloudWatch and on the pages of the tools. CloudWatch takes one colour for its light and its dark
 * mode, so each has a contrast of 3:1 on both (https://www.w3.org/TR/WCAG22/#non-text-contrast).
 */
export const chartColours = {
  /** A family for each platform, in the order of components/targets; a shade for each variant on it. */
  platforms: [
    ["#d9701a", "#a9560a", "#b98500", "#d0512b", "#a8763e"],
    ["#2f7fd6", "#5a63d8", "#1592a6", "#5b83ad", "#3f6fc4"],
    ["#2c8a4f", "#6b8e23", "#1a7f6b", "#5e8f6a", "#4a7d4a"],
  ],
  neutral: "#767676",
  good: "#2c8a4f",
  warning: "#b98500",
  bad: "#d13b3b",
  others: ["#8256c8", "#b0479b"],
} as const;
