// One person, fetched again by id.
import { graphql } from "relay-runtime";

graphql`
  fragment Person_user on User @refetchable(queryName: "PersonRefetchQuery") {
    name
    status
    revision
    adminRole {
      name
    }
    accounts {
      ...Account_account
    }
  }
`;
