import { describeBills, type Lines } from "../../support/hand-worked";

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
  "Container Insights": [13.97, 13.97, 13.97], // 3 × 730 × 0.00638
};

const expectedTasks: Lines = {
  "Alarms of scaling": [0.2, 0.2, 0.2], // 1 policy × 2 × 0.10
  "Fargate, vCPU": [236.4, 236.4, 295.27], // 8 × 1 × 730 × 0.04048, 0.04048, 0.05056
  "Fargate, memory": [51.92, 51.92, 64.59], // 8 × 2 × 730 × 0.004445, 0.004445, 0.00553
  "Container Insights": [37.26, 37.26, 37.26], // 8 × 730 × 0.00638
};

/** What a cluster costs with no pod of ours. */
const cluster: Lines = {
  "EKS control plane": [73, 73, 73], // 730 × 0.10
  "KMS key": [1, 1, 1], // 1 × 1.00
  "System node, c7g.large": [52.93, 56.58, 60.81], // 730 × 0.0725, 0.0775, 0.0833
  "System node, c7g.large, Auto Mode fee": [6.35, 6.79, 7.3], // 12 % of that
  "System node, volumes": [6.4, 7.04, 7.68], // 80 × 0.08, 0.088, 0.096
  "System node, Container Insights": [3.55, 3.55, 3.55], // 68 + 2 × (138 + 21) = 386 a minute: × 60 × 730 / 1,000,000 × 0.21
};

/** Three pods of 1 vCPU and 2 GB in three zones: a machine for each. */
const idlePods: Lines = {
  "Nodes, c6i.large": [186.15, 199.73, 214.62], // 3 × 730 × 0.085, 0.0912, 0.098
  "Nodes, c6i.large, Auto Mode fee": [22.34, 23.97, 25.75], // 12 % of that
  "Nodes, volumes": [19.2, 21.12, 23.04], // 3 × 80 × 0.08, 0.088, 0.096
  "Nodes, Container Insights": [10.65, 10.65, 10.65], // 3 × 386 × 60 × 730 / 1,000,000 × 0.21
  "Container Insights, cluster and pods": [24.6, 24.6, 24.6], // 1720 + (3 + 3) × (138 + 21) = 2674 a minute: × 60 × 730 / 1,000,000 × 0.21
};

/** Two pods in a zone and three in each of two: a c6i.xlarge has room for two, an m6i.xlarge for three. */
const expectedPods: Lines = {
  "Nodes, c6i.xlarge": [124.1, 133.15, 143.08], // 1 × 2 × 730 × 0.085, 0.0912, 0.098
  "Nodes, c6i.xlarge, Auto Mode fee": [14.89, 15.98, 17.17], // 12 % of that
  "Nodes, m6i.xlarge": [280.32, 312.44, 350.4], // 2 × 2 × 730 × 0.096, 0.107, 0.12
  "Nodes, m6i.xlarge, Auto Mode fee": [33.64, 37.49, 42.05], // 12 % of that
  "Nodes, volumes": [19.2, 21.12, 23.04], // 3 × 80 × 0.08, 0.088, 0.096
  "Nodes, Container Insights": [10.65, 10.65, 10.65], // 3 × 386 × 60 × 730 / 1,000,000 × 0.21
  "Container Insights, cluster and pods": [31.91, 31.91, 31.91], // 1720 + (3 + 8) × (138 + 21) = 3469 a minute: × 60 × 730 / 1,000,000 × 0.21
};

describeBills("prod", {
  "three tasks of 1 vCPU and 2 GB on ECS, with nobody calling": {
    target: "ecs",
    load: idle,
    lines: { ...shared, ...idleTasks },
    sums: [264.5, 273.04, 323.96],
  },
  "eight tasks on ECS, with as many requests as they carry": {
    target: "ecs",
    load: expected,
    lines: { ...shared, ...requests, ...logs, ...expectedTasks },
    sums: [595.88, 606.52, 708.41],
  },
  "three pods on EKS, with nobody calling": {
    target: "eks",
    load: idle,
    lines: { ...shared, ...cluster, ...idlePods },
    sums: [548.37, 578.77, 626.84],
  },
  "eight pods on EKS, with as many requests as they carry": {
    target: "eks",
    load: expected,
    lines: { ...shared, ...requests, ...logs, ...cluster, ...expectedPods },
    sums: [928.03, 991.44, 1082.72],
  },
});
