// The apps, and an app with its accounts: a list below a node.
import { graphql } from "relay-runtime";

graphql`
  query AppsQuery {
    apps(first: 10) @connection(key: "Apps_apps") {
      edges {
        node {
          id
          name
          ...AppAccounts_app
        }
      }
    }
  }
`;

graphql`
  fragment AppAccounts_app on App
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 2 }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
    orderBy: { type: "AccountOrderBy", defaultValue: USER_NAME_ASC }
  )
  @refetchable(queryName: "AppAccountsPaginationQuery") {
    accounts(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy)
      @connection(key: "AppAccounts_accounts") {
      edges {
        node {
          id
          ...Account_account
        }
      }
    }
  }
`;

graphql`
  fragment Account_account on Account {
    state
    revision
    user {
      name
    }
    assignment {
      role {
        label
      }
    }
  }
`;

graphql`
  mutation AppsAddMutation($input: AppAddInput!, $connections: [ID!]!) {
    appAdd(input: $input) {
      app @appendNode(connections: $connections, edgeTypeName: "AppEdge") {
        id
        name
      }
      userErrors {
        message
      }
    }
  }
`;

graphql`
  mutation AppsAssignMutation($input: UsersAssignInput!, $connections: [ID!]!) {
    usersAssign(input: $input) {
      results {
        assignmentEdge @appendEdge(connections: $connections) {
          node {
            id
          }
        }
        userErrors {
          message
        }
      }
      userErrors {
        message
      }
    }
  }
`;

graphql`
  subscription AppsAccountChangedSubscription($app: ID!, $accounts: [ID!]!) {
    accountChanged(appId: $app, accountIds: $accounts) {
      snapshot
      accounts {
        id
        ...Account_account
      }
    }
  }
`;

graphql`
  subscription AppsSyncStatusSubscription($app: ID!) {
    syncStatus(appId: $app) {
      total
      inSync
      settled
    }
  }
`;
