// A list of people that grows page by page, at the root.
import { graphql } from "relay-runtime";

graphql`
  query PeopleQuery($count: Int!) {
    viewer {
      permissions
      user {
        ...Person_user
      }
    }
    ...People_list @arguments(count: $count)
  }
`;

graphql`
  fragment People_list on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }, search: { type: "String" })
  @refetchable(queryName: "PeoplePaginationQuery") {
    users(first: $count, after: $cursor, search: $search) @connection(key: "People_users", filters: ["search"]) {
      edges {
        node {
          id
          ...Person_user
        }
      }
      totalCount
    }
  }
`;

graphql`
  mutation PeopleCreateMutation($input: UserCreateInput!, $connections: [ID!]!) {
    userCreate(input: $input) {
      userEdge @prependEdge(connections: $connections) {
        node {
          id
          ...Person_user
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`;

graphql`
  mutation PeopleDeleteMutation($input: UserDeleteInput!, $connections: [ID!]!) {
    userDelete(input: $input) {
      deletedUserId @deleteEdge(connections: $connections) @deleteRecord
      userErrors {
        code
        message
      }
    }
  }
`;
