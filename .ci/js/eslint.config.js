import js from "@eslint/js";
import globals from "globals";

const HANDLER = "A handler in an `on…` property that returns false takes the key from the browser: use a listener.";

export default [
  js.configs.recommended,
  {
    languageOptions: { globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-restricted-syntax": [
        "error",
        { selector: "AssignmentExpression[left.property.name=/^on(?!e$)[a-z]+$/]", message: HANDLER },
        { selector: "AssignmentExpression[left.property.name='innerHTML']", message: "Text from files stays text." },
      ],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["**/*.mjs"], languageOptions: { globals: globals.node } },
];
