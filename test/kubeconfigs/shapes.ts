import { plugin, type Row } from './row.ts';

const certificates = `client-certificate-data: $CERT
    client-key-data: $KEY`;

/** A file with one of each, under these names. */
function single(names: { cluster: string; user: string; context: string }, cluster: string, user: string): string {
  return `apiVersion: v1
kind: Config
preferences: {}
clusters:
- name: ${names.cluster}
  cluster:
    ${cluster}
users:
- name: ${names.user}
  user:
    ${user}
contexts:
- name: ${names.context}
  context:
    cluster: ${names.cluster}
    user: ${names.user}
current-context: ${names.context}
`;
}

const called = (name: string) => ({ cluster: name, user: name, context: name });
const trusted = `certificate-authority-data: $CA
    server: $SERVER`;
const admin = 'kubernetes-admin';
const beta = 'client.authentication.k8s.io/v1beta1';
const v1 = 'client.authentication.k8s.io/v1';

/** Kubeconfigs as tools write them; names and structure are theirs, addresses and secrets the emulator's. */
export const shapes: readonly Row[] = [
  { title: 'k3s', is: admin, yaml: single(called('default'), trusted, certificates) },
  {
    title: 'k3d',
    is: admin,
    yaml: single({ cluster: 'k3d-dev', user: 'admin@k3d-dev', context: 'k3d-dev' }, trusted, certificates),
  },
  { title: 'kind', is: admin, yaml: single(called('kind-kind'), trusted, certificates) },
  {
    title: 'minikube: files beside it, and extensions',
    is: admin,
    yaml: `apiVersion: v1
clusters:
- cluster:
    certificate-authority: $DIR/pki/ca.crt
    extensions:
    - extension:
        last-update: Fri, 20 Nov 2026 10:00:00 UTC
        provider: minikube.sigs.k8s.io
        version: v1.37.0
      name: cluster_info
    server: $SERVER
  name: minikube
contexts:
- context:
    cluster: minikube
    extensions:
    - extension:
        last-update: Fri, 20 Nov 2026 10:00:00 UTC
      name: context_info
    namespace: default
    user: minikube
  name: minikube
current-context: minikube
kind: Config
preferences: {}
users:
- name: minikube
  user:
    client-certificate: $DIR/pki/client.crt
    client-key: $DIR/pki/client.key
`,
  },
  {
    title: 'microk8s',
    is: admin,
    yaml: single({ cluster: 'microk8s-cluster', user: 'admin', context: 'microk8s' }, trusted, 'token: $TOKEN'),
  },
  {
    title: 'kubeadm (admin.conf)',
    is: admin,
    yaml: single({ cluster: 'kubernetes', user: admin, context: 'kubernetes-admin@kubernetes' }, trusted, certificates),
  },
  {
    title: 'Talos',
    is: admin,
    yaml: `apiVersion: v1
kind: Config
clusters:
    - name: homelab
      cluster:
        server: $SERVER
        certificate-authority-data: $CA
users:
    - name: admin@homelab
      user:
        client-certificate-data: $CERT
        client-key-data: $KEY
contexts:
    - context:
        cluster: homelab
        namespace: default
        user: admin@homelab
      name: admin@homelab
current-context: admin@homelab
`,
  },
  {
    title: 'Docker Desktop',
    is: admin,
    yaml: single(
      called('docker-desktop'),
      'certificate-authority-data: $CA\n    server: https://localhost:$PORT',
      certificates,
    ),
  },
  {
    title: 'OpenShift (oc login): names with slashes and colons, a token with a tilde',
    is: 'unauthorized',
    yaml: `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: $CA
    server: $SERVER
  name: api-ocp-example-com:6443
contexts:
- context:
    cluster: api-ocp-example-com:6443
    namespace: default
    user: kube:admin/api-ocp-example-com:6443
  name: default/api-ocp-example-com:6443/kube:admin
current-context: default/api-ocp-example-com:6443/kube:admin
kind: Config
preferences: {}
users:
- name: kube:admin/api-ocp-example-com:6443
  user:
    token: sha256~Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0Z2FycGx5
`,
  },
  {
    title: 'OpenShift (oc login --insecure-skip-tls-verify)',
    is: admin,
    yaml: single(
      { cluster: 'api-crc-testing:6443', user: 'developer', context: 'crc-developer' },
      'insecure-skip-tls-verify: true\n    server: $SERVER',
      'token: $TOKEN',
    ),
  },
  {
    title: 'EKS (aws eks update-kubeconfig)',
    is: admin,
    files: { 'bin/aws': plugin(beta, '"token":"$TOKEN","expirationTimestamp":"2999-01-01T00:00:00Z"') },
    yaml: `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: $CA
    server: $SERVER
  name: arn:aws:eks:eu-west-1:123456789012:cluster/prod
contexts:
- context:
    cluster: arn:aws:eks:eu-west-1:123456789012:cluster/prod
    user: arn:aws:eks:eu-west-1:123456789012:cluster/prod
  name: arn:aws:eks:eu-west-1:123456789012:cluster/prod
current-context: arn:aws:eks:eu-west-1:123456789012:cluster/prod
kind: Config
preferences: {}
users:
- name: arn:aws:eks:eu-west-1:123456789012:cluster/prod
  user:
    exec:
      apiVersion: ${beta}
      args:
      - --region
      - eu-west-1
      - eks
      - get-token
      - --cluster-name
      - prod
      - --output
      - json
      command: aws
      env:
      - name: AWS_PROFILE
        value: prod
`,
  },
  {
    title: 'GKE (gke-gcloud-auth-plugin)',
    is: admin,
    files: { 'bin/gke-gcloud-auth-plugin': plugin(beta, '"token":"$TOKEN"') },
    yaml: single(
      called('gke_project_europe-west1-b_prod'),
      trusted,
      `exec:
      apiVersion: ${beta}
      command: gke-gcloud-auth-plugin
      installHint: Install gke-gcloud-auth-plugin for use with kubectl by following
        https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl
      provideClusterInfo: true`,
    ),
  },
  {
    title: 'GKE, whose plugin is not installed',
    is: 'plugin',
    says: /no-such-gke-gcloud-auth-plugin.* is not installed.*Install gke-gcloud-auth-plugin/,
    yaml: single(
      called('gke_project_europe-west1-b_prod'),
      trusted,
      `exec:
      apiVersion: ${beta}
      command: no-such-gke-gcloud-auth-plugin
      installHint: Install gke-gcloud-auth-plugin
      provideClusterInfo: true`,
    ),
  },
  {
    title: 'GKE of old (auth-provider gcp)',
    is: 'file',
    says: /auth-provider gcp.*gke-gcloud-auth-plugin/,
    yaml: single(
      called('gke_project_europe-west1-b_prod'),
      trusted,
      `auth-provider:
      config:
        access-token: ya29.x
        cmd-args: config config-helper --format=json
        cmd-path: /usr/lib/google-cloud-sdk/bin/gcloud
        expiry: 2020-01-01T00:00:00Z
        expiry-key: '{.credential.token_expiry}'
        token-key: '{.credential.access_token}'
      name: gcp`,
    ),
  },
  {
    title: 'AKS (--admin): a certificate and a token in one user',
    is: admin,
    yaml: single(
      { cluster: 'prod', user: 'clusterAdmin_group_prod', context: 'prod-admin' },
      trusted,
      `${certificates}\n    token: $TOKEN`,
    ),
  },
  {
    title: 'AKS (kubelogin)',
    is: admin,
    files: { 'bin/kubelogin': plugin(beta, '"token":"$TOKEN"') },
    yaml: single(
      { cluster: 'prod', user: 'clusterUser_group_prod', context: 'prod' },
      trusted,
      `exec:
      apiVersion: ${beta}
      args: [get-token, --login, azurecli, --server-id, 6dae42f8-4368-4678-94ff-3960e28e3630]
      command: kubelogin
      env: null
      provideClusterInfo: false`,
    ),
  },
  {
    title: 'AKS of old (auth-provider azure)',
    is: 'file',
    says: /auth-provider azure.*kubelogin/,
    yaml: single(called('aks'), trusted, 'auth-provider: {name: azure, config: {environment: AzurePublicCloud}}'),
  },
  {
    title: 'Teleport (tsh kube login): another name for TLS, a certificate from a plugin',
    is: admin,
    files: {
      'bin/tsh': plugin(beta, '"clientCertificateData":"$CERT_JSON","clientKeyData":"$KEY_JSON"'),
    },
    yaml: single(
      { cluster: 'teleport.example', user: 'teleport.example-prod', context: 'teleport.example-prod' },
      `${trusted}\n    tls-server-name: kubernetes`,
      `exec:
      apiVersion: ${beta}
      args: [kube, credentials, --kube-cluster=prod, --teleport-cluster=teleport.example, --proxy=teleport.example:443]
      command: tsh
      env: null
      provideClusterInfo: false`,
    ),
  },
  {
    title: 'Rancher: a server with a path',
    is: 'HTTP 404',
    yaml: single(
      called('local'),
      'certificate-authority-data: $CA\n    server: "$SERVER/k8s/clusters/c-m-abcdefgh"',
      'token: "$TOKEN"',
    ),
  },
  {
    title: 'Gardener: the plugin is told the cluster and its extension',
    is: admin,
    files: {
      'bin/kubectl-gardenlogin': `#!/bin/sh
case "$KUBERNETES_EXEC_INFO" in *'"shootRef":{"name":"prod","namespace":"garden-x"}'*) ;; *) exit 9;; esac
case "$KUBERNETES_EXEC_INFO" in *'"server":"$SERVER"'*) ;; *) exit 8;; esac
case "$KUBERNETES_EXEC_INFO" in *'"certificate-authority-data":"$CA"'*) ;; *) exit 7;; esac
${plugin(v1, '"clientCertificateData":"$CERT_JSON","clientKeyData":"$KEY_JSON"')}`,
    },
    yaml: single(
      called('shoot--x--prod'),
      `${trusted}
    extensions:
    - name: client.authentication.k8s.io/exec
      extension:
        gardenClusterIdentity: landscape
        shootRef:
          name: prod
          namespace: garden-x`,
      `exec:
      apiVersion: ${v1}
      args: [get-client-certificate]
      command: kubectl-gardenlogin
      env: null
      interactiveMode: IfAvailable
      provideClusterInfo: true`,
    ),
  },
  {
    title: 'DigitalOcean (doctl)',
    is: admin,
    files: { 'bin/doctl': plugin(beta, '"token":"$TOKEN"') },
    yaml: single(
      { cluster: 'do-fra1-prod', user: 'do-fra1-prod-admin', context: 'do-fra1-prod' },
      trusted,
      `exec:
      apiVersion: ${beta}
      args: [kubernetes, cluster, kubeconfig, exec-credential, --version=v1beta1, --context=default]
      command: doctl
      env: null
      provideClusterInfo: false`,
    ),
  },
  {
    title: 'Oracle (oci ce cluster generate-token)',
    is: admin,
    files: { 'bin/oci': plugin(beta, '"token":"$TOKEN"') },
    yaml: single(
      { cluster: 'cluster-cabc', user: 'user-cabc', context: 'context-cabc' },
      trusted,
      `exec:
      apiVersion: ${beta}
      command: oci
      args: [ce, cluster, generate-token, --cluster-id, ocid1.cluster.oc1, --region, eu-frankfurt-1]
      env: []`,
    ),
  },
  {
    title: 'Pinniped',
    is: admin,
    files: { 'bin/pinniped': plugin(v1, '"token":"$TOKEN"') },
    yaml: single(
      called('pinniped'),
      trusted,
      `exec:
      apiVersion: ${v1}
      args: [login, oidc, --enable-concierge, --concierge-api-group-suffix=pinniped.dev]
      command: pinniped
      env: []
      installHint: The pinniped CLI does not appear to be installed.
      interactiveMode: IfAvailable
      provideClusterInfo: true`,
    ),
  },
  {
    title: 'int128/kubelogin (kubectl oidc-login)',
    is: admin,
    files: { 'bin/kubectl-oidc_login': plugin(v1, '"token":"$TOKEN"') },
    yaml: single(
      { cluster: 'c', user: 'oidc', context: 'c' },
      trusted,
      `exec:
      apiVersion: ${v1}
      command: kubectl-oidc_login
      args: [get-token, --oidc-issuer-url=https://issuer.example, --oidc-client-id=kubernetes]
      interactiveMode: IfAvailable`,
    ),
  },
  {
    title: 'Dex and Gangway (auth-provider oidc), with an id-token that holds',
    is: 'system:serviceaccount:default:robot',
    yaml: single(
      { cluster: 'c', user: 'jane', context: 'c' },
      trusted,
      `auth-provider:
      config:
        client-id: gangway
        client-secret: gangway-secret
        id-token: $ACCOUNT_TOKEN
        idp-issuer-url: https://dex.example
        refresh-token: ChlwcmV2aWV3
      name: oidc`,
    ),
  },
  {
    title: 'Dex and Gangway, with an id-token that has expired, and nothing to refresh it with',
    is: 'plugin',
    kubectl: 'plugin',
    says: /has expired and has no refresh-token/,
    yaml: single(
      { cluster: 'c', user: 'jane', context: 'c' },
      trusted,
      `auth-provider:
      config:
        client-id: gangway
        id-token: eyJhbGciOiJub25lIn0.eyJleHAiOjF9.x
        idp-issuer-url: https://dex.example
      name: oidc`,
    ),
  },
  {
    title: 'OpenStack Magnum of old (auth-provider openstack)',
    is: 'file',
    says: /auth-provider openstack/,
    yaml: single(called('magnum'), trusted, 'auth-provider: {name: openstack}'),
  },
  {
    title: 'kubectl proxy: plain HTTP and no user',
    is: admin,
    yaml: `clusters: [{name: p, cluster: {server: "http://127.0.0.1:$PROXIED"}}]
contexts: [{name: p, context: {cluster: p}}]
current-context: p
users: []
`,
  },
  {
    title: 'GitLab agent in a CI job',
    is: 'unauthorized',
    yaml: `apiVersion: v1
kind: Config
clusters:
- name: gitlab
  cluster: {server: "$SERVER", certificate-authority-data: $CA}
users:
- name: "agent:1"
  user: {token: "ci:1:glcbt-64_abcdefghij"}
contexts:
- name: group/project:agent
  context: {cluster: gitlab, user: "agent:1"}
current-context: group/project:agent
`,
  },
  {
    title: 'a CI job of somebody who made it with kubectl config, for a service account',
    is: 'system:serviceaccount:default:robot',
    yaml: single(
      { cluster: 'k8s', user: 'deployer', context: 'default' },
      'certificate-authority: pki/ca.crt\n    server: $SERVER',
      'token: $ACCOUNT_TOKEN',
    ),
    files: { 'pki/ca.crt': '$CA_PEM' },
  },
  {
    title: 'one line of JSON, as Terraform writes it',
    is: admin,
    yaml: '{"apiVersion":"v1","kind":"Config","clusters":[{"name":"c","cluster":{"server":"$SERVER","certificate-authority-data":"$CA"}}],"users":[{"name":"u","user":{"token":"$TOKEN"}}],"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}',
  },
];
