import type { Action } from "./proxy";

interface Asked {
  readonly ServiceCode: string;
  readonly QuotaCode: string;
}

/** The emulator knows the quotas of VPC only, and not their defaults, which the provider reads as well. */
export function serviceQuotas(): Readonly<Record<string, Action>> {
  const answer = (asked: Asked) => {
    const { ServiceCode, QuotaCode } = asked;
    // The provider's id of a quota.
    const QuotaArn = `arn:aws:servicequotas:us-east-1:123456789012:${ServiceCode}/${QuotaCode}`;
    return { Quota: { ...asked, QuotaArn, QuotaName: QuotaCode, Value: 5, Adjustable: true } };
  };
  return { GetServiceQuota: answer, GetAWSDefaultServiceQuota: answer };
}
