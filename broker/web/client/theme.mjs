// Our own theme for the design system. Its component styles (EUPL-1.2) take each colour and size from an `--ams-…`
// name; the package that gives those names values is proprietary to the City of Amsterdam, so it is neither installed
// nor copied: the values below are ours, and page.css holds the colours they name.
//
// A name that no rule covers stops the build: a new component shows up here and not as a page without colours.

const arrow = (size, path) =>
  `url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='${size}' height='${size}' ` +
  `viewBox='0 0 16 16'%3E%3Cpath fill='none' ` +
  `stroke='%231d232b' stroke-width='2' d='${path}'/%3E%3C/svg%3E")`;

// What a name stands for, by how it ends and what it is about: the first rule that matches.
const THEME = [
  // measures
  [/^space-xs$/, ".25rem"],
  [/^space-s$/, ".5rem"],
  [/^space-m$/, "1rem"],
  [/^space-l$/, "1.5rem"],
  [/^space-xl$/, "2.5rem"],
  [/^space-2xl$/, "4rem"],
  [/grid-column-count$/, "4"],
  [/grid-.*medium-column-count$/, "8"],
  [/grid-.*wide-column-count$/, "12"],
  [/grid-(?:row-gap|padding-block)-2xl$/, "4rem"],
  [/grid-(?:row-gap|padding-block)-xl$/, "2.5rem"],
  [/grid-(?:row-gap|padding-block)-l$/, "1.5rem"],
  [/grid-column-gap$/, "1.5rem"],
  [/(?:grid|page-header|page-footer-menu)-.*wide-padding-inline$/, "3rem"],
  [/(?:grid|page-header|page-footer-menu)-.*medium-padding-inline$/, "2rem"],
  [/^(?:grid|page-header|page-footer-menu)-padding-inline$/, "1rem"],
  [/^(?:row|column)-gap-x-small$/, ".25rem"],
  [/^(?:row|column)-gap-small$/, ".5rem"],
  [/^(?:row|column)-gap-medium$/, "1rem"],
  [/^(?:row|column)-gap-large$/, "1.5rem"],
  [/^(?:row|column)-gap-x-large$/, "2.5rem"],
  [/max-inline-size$/, "80rem"],

  // type
  [/font-family$/, "var(--font)"],
  [/heading-1-font-size$/, "2rem"],
  [/heading-2-font-size$/, "1.5rem"],
  [/heading-3-font-size$|large-font-size$|legend-font-size$|brand-name-font-size$/, "1.25rem"],
  [/heading-4-font-size$/, "1.125rem"],
  [/small-font-size$|badge-font-size$/, ".9375rem"],
  [/font-size$/, "1.0625rem"],
  [/heading-\d-line-height$|brand-name-line-height$/, "1.25"],
  [/line-height$/, "1.5"],
  [/(?:hint|in-fieldset)-font-weight$/, "400"],
  [/(?:heading|label|legend|term|caption|header-cell|badge|button|brand-name)-font-weight$/, "700"],
  [/font-weight$/, "400"],
  [/(?:heading|brand-name|legend|label)-text-wrap$/, "balance"],
  [/text-wrap$/, "pretty"],
  [/hyphenate-limit-chars$/, "12 5 5"],
  [/hover-text-decoration-line$/, "underline"],
  [/(?:menu-link|menu-item|list-link|standalone-link)-text-decoration-line$/, "none"],
  [/text-decoration-line$/, "underline"],
  [/hover-text-decoration-thickness$/, "2px"],
  [/text-decoration-thickness$/, "1px"],
  [/text-underline-offset$/, ".2em"],
  [/^ordered-list-list-style-type$/, "decimal"],
  [/^ordered-list-ordered-list-list-style-type$/, "lower-alpha"],
  [/list-style-type$/, "disc"],

  // steps that are done, current and to come: a dot on a line
  [/progress-list-step-(?:medium-)?gap$/, "1rem"],
  [/progress-list-step-content-margin-block-end$/, "2rem"],
  [/progress-list-step-heading-margin-block-end$/, ".5rem"],
  [/progress-list-heading-\d-step-marker-block-size$/, "1.75rem"],
  [/progress-list-heading-\d-step-marker-margin-block-start$/, ".875rem"],
  [/step-marker-shape-block-size$/, "1.25rem"],
  [/step-marker-shape-(?:outline|border)-width$|connector-border-inline-width$/, "2px"],
  [/completed-connector-border-inline-style$/, "solid"],
  [/connector-border-inline-style$/, "dashed"],
  [/marker-shape-outline-color$/, "var(--paper)"],
  [/(?:completed|current)-.*marker-shape-.*color$|completed-connector-.*color$/, "var(--good)"],
  [/marker-shape-background-color$/, "var(--paper)"],
  [/marker-shape-border-color$|connector-border-inline-color$/, "var(--border)"],

  // space inside and between
  [/container-name$/, "ams-query-container-inline-size"],
  [/container-type$/, "inline-size"],
  [/outline-offset$/, "3px"],
  [/-border-radius$/, "4px"],
  [/^button-icon-only-padding-(?:block|inline)$/, ".5rem"],
  [/^button-padding-block$|^skip-link-padding-block$/, ".5rem"],
  [/^button-padding-inline$|^skip-link-padding-inline$/, "1.25rem"],
  [/^badge-padding-inline$/, ".5rem"],
  [/^select-padding-inline$/, ".75rem 2.5rem"],
  [/^(?:text-input|text-area|password-input|select)-padding-block$/, ".5rem"],
  [/^(?:text-input|text-area|password-input)-padding-inline$/, ".75rem"],
  [/^text-area-min-block-size$/, "6rem"],
  [/^alert-severity-indicator-padding-(?:block|inline)$/, ".75rem"],
  [/^alert-content-padding-(?:block|inline)$/, "1rem"],
  [/^table-cell-padding-block$/, ".5rem"],
  [/^table-cell-padding-inline$/, "0 1.5rem"],
  [/^grid-cell-padding-(?:block|inline)$/, "0"],
  [/^page-header-padding-block$/, "1rem"],
  [/^page-header-menu-item-padding-block$/, ".25rem"],
  [/^page-footer-menu-padding-block$/, "1.5rem"],
  [/invalid-padding-inline-start$/, ".75rem"],
  [/(?:list|description)-(?:item-)?padding-inline-start$/, ".5rem"],
  [/list-item-margin-inline-start$/, "1.25rem"],
  [/list-padding-block-(?:start|end)$/, ".25rem"],
  [/description-list-row-gap$/, ".5rem"],
  [/description-list-(?:term|description)-.*margin-block-end$/, ".5rem"],
  [/description-list-section-margin-block-end$/, "1.5rem"],
  [/^description-list-narrow-grid-template-columns$/, "1fr 4fr"],
  [/^description-list-medium-grid-template-columns$/, "1fr 2fr"],
  [/^description-list-wide-grid-template-columns$/, "1fr 1fr"],
  [/child-between-fields-and-field-sets-margin-block-end$|before-field-or-field-set-margin-block-end$/, "1.5rem"],
  [/before-error-message-margin-block-end$/, ".25rem"],
  [/^field.*child-margin-block-end$|caption-margin-block-end$/, ".5rem"],
  [/(?:page-header|page-footer)-.*-gap$|description-list-column-gap$/, "1.5rem"],
  [/(?:alert-content|^(?:un)?ordered-list|(?:checkbox|radio|button|error-message|link-list))-gap$/, ".5rem"],
  [/-(?:column-)?gap$/, ".25rem"],
  [/(?:checkbox|radio)-icon-container-(?:block|inline)-size$/, "1.5em"],

  // lines
  [/border-style$|outline-style$/, "solid"],
  [/alert-border-width$|button-border-width$/, "2px"],
  [/border-width$/, "1px"],
  [/table-cell-border-block-end$/, "1px solid var(--line)"],
  [/invalid-border-inline-start$/, "4px solid var(--error)"],
  [/invalid-hover-box-shadow$/, "inset 0 0 0 1px var(--error-dark)"],
  [/hover-box-shadow$/, "inset 0 0 0 1px currentColor"],
  [/disabled-cursor$/, "not-allowed"],
  [/cursor$/, "pointer"],
  [/^breadcrumb-separator-background-image$/, arrow(12, "m6 3 5 5-5 5")],
  [/^breadcrumb-separator-(?:block|inline)-size$/, ".75rem"],
  [/^breadcrumb-separator-margin-inline$/, ".5rem"],
  [/^select-.*background-image$/, arrow(16, "m3 6 5 5 5-5")],
  [/^select-background-position$/, "right .75rem center"],

  // colours, the particular before the general
  [/^button-tertiary-.*(?:background-color|border-color)$/, "transparent"],
  [/^button-secondary-.*background-color$/, "var(--paper)"],
  [/^button-primary-disabled/, "var(--border)"],
  [/^radio-circle-disabled-fill$|^checkbox-rectangle-disabled-fill$|disabled-background-color$/, "var(--shade)"],
  [/disabled-invalid/, "var(--border)"],
  [/invalid.*hover|hover.*invalid/, "var(--error-dark)"],
  [/invalid|^alert-error|^badge-red-background|^error-message-color$/, "var(--error)"],
  [/disabled/, "var(--border)"],
  [/^alert-success/, "var(--good)"],
  [/^alert-warning|^badge-orange-background/, "var(--caution)"],
  [/^badge-lime-background/, "var(--good)"],
  [/^badge-(?:lime|orange|red)-color$/, "var(--paper)"],
  [/^badge-background|^page-header-background|^page-footer-menu-background/, "var(--shade)"],
  [/^alert-background|^grid-cell-background/, "var(--paper)"],
  [/^mark-background/, "var(--mark)"],
  [/^button-primary-color$|^skip-link-color$|checked-indicator-stroke$/, "var(--paper)"],
  [/hover/, "var(--action-dark)"],
  [/^alert|^button|^skip-link|link-color$|menu-item-color$|checked.*fill$/, "var(--action)"],
  [/(?:border-color|stroke)$/, "var(--border)"],
  [/background-color$|fill$/, "var(--paper)"],
  [/placeholder-color$|hint-in-fieldset-color$/, "var(--ink-soft)"],
  [/color$/, "var(--ink)"],
];

/** Gives the value of a design system name, without its `--ams-`; throws when no rule covers it. */
export function valueOf(name) {
  const rule = THEME.find(([pattern]) => pattern.test(name));
  if (rule === undefined) throw new Error(`theme.mjs has no value for --ams-${name}`);
  return rule[1];
}
