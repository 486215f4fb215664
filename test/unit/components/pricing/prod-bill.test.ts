import { describeBills, type Lines, none } from "../../support/expected-bills";

const shared: Lines = {
  Alarms: [1.3, 1.3, 1.3], // 7 of one metric and 3 of two: 13 × 0.10
  "Composite alarms": [1, 1, 1], // 2 × 0.50
  Dashboard: [3, 3, 3], // 1 × 3.00
  "NAT gateways": [98.55, 105.12, 129.21], // 3 × 730 × 0.045, 0.048, 0.059
  "Addresses of NAT gateways": [10.95, 10.95, 10.95], // 3 × 730 × 0.005
  "Load balancer": [16.43, 18.4, 18.4], // 730 × 0.0225, 0.0252, 0.0252
  "Addresses of the load balancer": [10.95, 10.95, 10.95], // 3 × 730 × 0.005
  "Image in the repository": [0.04, 0.04, 0.04], // 0.35 × 0.10
};

const idle = { replicas: 3, requestsPerSecond: 0 };

// 8 × 1 × 7.7 × 70 %: what eight replicas carry before scaling adds another.
const expected = { replicas: 8, requestsPerSecond: 43.12 };

/** What requests cost the load balancer. */
const requests: Lines = {
  "Load balancer, capacity": [102.58, 102.58, 102.58], // 43.12 × 3600 × (112,525 + 633) bytes = 17.56574 GB an hour, × 730 × 0.008
  "Responses to the internet": [6.46, 6.46, 8.61], // 113.31936 million × 633 bytes = 71.7312 GB × 0.09, 0.09, 0.12
  "Access logs, kept": [0.57, 0.57, 0.62], // 113.31936 million × 73 bytes = 8.27231 GB of each of 3 months × 0.023, 0.023, 0.025
};

/** What they cost where they are answered. */
const logs: Lines = {
  "Logs, ingestion": [14.39, 16.41, 20.15], // 113.31936 million × 254 bytes = 28.78312 GB × 0.50, 0.57, 0.70
  "Logs, kept": [2.59, 2.59, 2.59], // 28.78312 × 90 / 30 × 0.03
  "Logs through NAT": [1.3, 1.38, 1.7], // 28.78312 × 0.045, 0.048, 0.059
};

const idleTasks: Lines = {
  "Alarms of scaling": [0.2, 0.2, 0.2], // 1 policy × 2 × 0.10
  "Fargate, vCPU": [88.65, 88.65, 110.73], // 3 × 1 × 730 × 0.04048, 0.04048, 0.05056
  "Fargate, memory": [19.47, 19.47, 24.22], // 3 × 2 × 730 × 0.004445, 0.004445, 0.00553
  "Container Insights": [15.61, 15.61, 15.61], // 26 of the cluster + 53 of the service + 3 × 48 = 223 metrics × 0.07
};

const expectedTasks: Lines = {
  "Alarms of scaling": [0.2, 0.2, 0.2], // 1 policy × 2 × 0.10
  "Fargate, vCPU": [236.4, 236.4, 295.27], // 8 × 1 × 730 × 0.04048, 0.04048, 0.05056
  "Fargate, memory": [51.92, 51.92, 64.59], // 8 × 2 × 730 × 0.004445, 0.004445, 0.00553
  "Container Insights": [32.41, 32.41, 32.41], // 26 + 53 + 8 × 48 = 463 metrics × 0.07
};

/** What a cluster costs with no pod of ours. */
const cluster: Lines = {
  "EKS control plane": [73, 73, 73], // 730 × 0.10
  "KMS key": [1, 1, 1], // 1 × 1.00
  "System node, c6g.large": [49.64, 53.29, 57.23], // 730 × 0.068, 0.073, 0.0784
  "System node, c6g.large, Auto Mode fee": [5.96, 6.39, 6.87], // 12 % of that
  "System node, volumes": [6.4, 7.04, 7.68], // 80 × 0.08, 0.088, 0.096
  "System node, Container Insights": [3.55, 3.55, 3.55], // 68 + 2 × (138 + 21) = 386 a minute: × 60 × 730 / 1,000,000 × 0.21
};

/** Three pods of 1 vCPU and 2 GB in three zones: a machine for each. */
const idlePods: Lines = {
  "Nodes, c6a.large": [167.54, 179.76, none], // 3 × 730 × 0.0765, 0.08208
  "Nodes, c6a.large, Auto Mode fee": [20.1, 21.57, none], // 12 % of that
  "Nodes, c5a.large": [none, none, 192.72], // 3 × 730 × 0.088: a c6a.large is 0.0882 there
  "Nodes, c5a.large, Auto Mode fee": [none, none, 23.13], // 12 % of that
  "Nodes, volumes": [19.2, 21.12, 23.04], // 3 × 80 × 0.08, 0.088, 0.096
  "Nodes, Container Insights": [10.65, 10.65, 10.65], // 3 × 386 × 60 × 730 / 1,000,000 × 0.21
  "Container Insights, cluster and pods": [24.6, 24.6, 24.6], // 1720 + (3 + 3) × (138 + 21) = 2674 a minute: × 60 × 730 / 1,000,000 × 0.21
};

/** Two pods in a zone and three in each of two: a c6a.xlarge or c5a.xlarge has room for two, an m5a.xlarge for three. */
const expectedPods: Lines = {
  "Nodes, c6a.xlarge": [111.69, 119.84, none], // 1 × 2 × 730 × 0.0765, 0.08208
  "Nodes, c6a.xlarge, Auto Mode fee": [13.4, 14.38, none], // 12 % of that
  "Nodes, c5a.xlarge": [none, none, 128.48], // 1 × 2 × 730 × 0.088
  "Nodes, c5a.xlarge, Auto Mode fee": [none, none, 15.42], // 12 % of that
  "Nodes, m5a.xlarge": [251.12, 280.32, 315.36], // 2 × 2 × 730 × 0.086, 0.096, 0.108
  "Nodes, m5a.xlarge, Auto Mode fee": [30.13, 33.64, 37.84], // 12 % of that
  "Nodes, volumes": [19.2, 21.12, 23.04], // 3 × 80 × 0.08, 0.088, 0.096
  "Nodes, Container Insights": [10.65, 10.65, 10.65], // 3 × 386 × 60 × 730 / 1,000,000 × 0.21
  "Container Insights, cluster and pods": [31.91, 31.91, 31.91], // 1720 + (3 + 8) × (138 + 21) = 3469 a minute: × 60 × 730 / 1,000,000 × 0.21
};

describeBills("prod", {
  "three tasks of 1 vCPU and 2 GB on ECS, with nobody calling": {
    target: "ecs",
    load: idle,
    lines: { ...shared, ...idleTasks },
    sums: [266.14, 274.68, 325.6],
  },
  "eight tasks on ECS, with as many requests as they carry": {
    target: "ecs",
    load: expected,
    lines: { ...shared, ...requests, ...logs, ...expectedTasks },
    sums: [591.03, 601.67, 703.56],
  },
  "three pods on EKS, with nobody calling": {
    target: "eks",
    load: idle,
    lines: { ...shared, ...cluster, ...idlePods },
    sums: [523.84, 552.72, 598.3],
  },
  "eight pods on EKS, with as many requests as they carry": {
    target: "eks",
    load: expected,
    lines: { ...shared, ...requests, ...logs, ...cluster, ...expectedPods },
    sums: [877.75, 936.87, 1023.12],
  },
});
