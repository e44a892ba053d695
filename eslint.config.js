import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// Rules that say why: a remark made twice in review belongs here.
const noEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Settings are read once, in src/config: inject SETTINGS and add a key to settings.schema.ts.',
};
const noSleep = {
  selector: 'CallExpression[callee.name=/^(setTimeout|setInterval|sleep|delay)$/]',
  message: 'A test waits for a condition, not for time: waitFor of test/support/wait-for.ts.',
};
const noSwallowing = {
  selector:
    "CallExpression[callee.property.name='catch'] > ArrowFunctionExpression[body.type='BlockStatement'][body.body.length=0]",
  message:
    'An error that nobody hears of is found in production: handle it, or say in a comment inside why it is none.',
};
const noManyParameters = {
  selector:
    ':matches(FunctionDeclaration, ArrowFunctionExpression, MethodDefinition[kind!="constructor"] > FunctionExpression)[params.length>4]',
  message: 'More than four parameters are read wrongly at the call: pass one object with names.',
};
const noHttpException = {
  name: '@nestjs/common',
  importNames: [
    'HttpException',
    'BadRequestException',
    'ConflictException',
    'ForbiddenException',
    'InternalServerErrorException',
    'NotFoundException',
    'ServiceUnavailableException',
    'UnauthorizedException',
    'UnprocessableEntityException',
  ],
  message: 'Throw a kind of AppError (src/common): services know nothing of HTTP, one filter maps the kinds.',
};

export default tseslint.config(
  { ignores: ['dist/', 'dist.*/', 'node_modules/', 'coverage/', '.data*/', 'demo-output/', 'web/'] },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', module: 'writable', URL: 'readonly' } },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 3],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', noSwallowing, noManyParameters],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Nest's modules are classes with nothing in them, and a port's in-memory form awaits nothing.
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowNullish: true, allowBoolean: true },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'ormconfig/**/*.ts'],
    ignores: ['src/config/**', '**/*.spec.ts'],
    rules: { 'no-restricted-syntax': ['error', noSwallowing, noManyParameters, noEnvironment] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/common/**'],
    rules: { 'no-restricted-imports': ['error', { paths: [noHttpException] }] },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // A describe block is one long function, and answers of the API are read as they come.
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    ignores: ['test/support/**'],
    rules: { 'no-restricted-syntax': ['error', noSwallowing, noManyParameters, noSleep] },
  },
);
