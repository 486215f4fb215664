/** An identity provider, as in the settings of a stack. */
export const oidc = {
  issuer: "https://id.example.com",
  authorizationEndpoint: "https://id.example.com/authorize",
  tokenEndpoint: "https://id.example.com/token",
  userInfoEndpoint: "https://id.example.com/me",
  clientId: "inference",
  clientSecretArn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:edge-AbCdEf",
};
