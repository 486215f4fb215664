import type { Alarm } from "./alarm";

/** ACM tries to renew for a month before this one fires. */
export const certificateExpires: Alarm = {
  name: "certificate",
  signals: [{ id: "days", namespace: "AWS/CertificateManager", metric: "DaysToExpiry", statistic: "Minimum" }],
  expression: "days",
  measures: "Days to the certificate's expiry",
  unit: "",
  comparison: "below",
  threshold: 30,
  // Measured twice a day.
  periodSeconds: 86_400,
  breaches: 1,
  periods: 1,
  missingData: "notBreaching",
  urgency: "warning",
  rollsBack: false,
  advice:
    "ACM has not renewed it: see that the DNS record that proves the name still stands; one from elsewhere you import again.",
  section: "Certificate",
};
