// What schema.graphql may do although a rule says no, each with its reason.

/** Single findings that stay. One that no longer occurs is reported, so that the list does not outlive its reasons. */
export const expected = [
  // SCIM's and Okta's names for these attributes, in data that is exchanged with them.
  { rule: "@graphql-eslint/no-typename-prefix", type: "User", says: "userName" },
  { rule: "@graphql-eslint/no-typename-prefix", type: "User", says: "userType" },
  // Lines of a report: what they are about has an id, they have none. Relay permits any object as a node.
  { rule: "@graphql-eslint/relay-edge-types", type: "BulkJobFailureEdge" },
  { rule: "@graphql-eslint/relay-edge-types", type: "DeprovisioningHoldAccountEdge" },
];

/** Types without an id of their own: values, which live and change with the thing that holds them. Everything else implements Node. */
export const values = [
  // Paging.
  "PageInfo",
  // Of the viewer and the organisation; `user` and `organization` in it have ids.
  "Viewer",
  // Refusals.
  "UserError",
  "UserErrorParam",
  // Events and counts, true for a moment.
  "AccountChange",
  "AccountStateCount",
  "AccountWaitCount",
  "DeprovisioningBudget",
  "ImpactOperationCount",
  "ImpactPreview",
  "ImportAdvice",
  "ImportCategoryCount",
  "ImportConfirmationSummary",
  "ImportOutcomeCount",
  "ImportProgress",
  "MappingPreview",
  "MappingPreviewAttribute",
  "SyncStatus",
  // Parts of an account, an app, an import, a job, a hold.
  "AccountProblem",
  "AppOptions",
  "AppSetup",
  "AssignedRole",
  "AttributeFault",
  "AttributeMapping",
  "AttributeMappingSet",
  "BulkJobFailure",
  "DeprovisioningHoldAccount",
  "ImportDifference",
  "ImportProblem",
  "ImportProfileValue",
  "OktaAuthorizer",
  "OktaOrgProblem",
  "ProvisioningPause",
  "ProvisioningSettings",
  "SetupStep",
  "UserFieldValue",
  // Entries of catalogues, known by their code.
  "AvailableApp",
  "OktaAttribute",
  "OktaAttributeChoice",
  "OktaCopy",
  "OktaRole",
  "OktaUserStatus",
  "PermissionInfo",
  // Members of unions: sources of a mapping, typed values.
  "BooleanValue",
  "ConstantSource",
  "DirectoryFieldSource",
  "IntegerListValue",
  "IntegerValue",
  "NumberListValue",
  "NumberValue",
  "StringListValue",
  "StringValue",
];
