export { AccessTokens, bearerToken, type AccessClaims } from './access-tokens.js';
export { API_NEEDS, ApiNeeds, type ApiNeed } from './api-needs.js';
export { AttemptLimiter } from './attempt-limiter.js';
export { BackgroundLoop, runningLoops, type LoopState } from './background-loop.js';
export { Batcher } from './batcher.js';
export { Clock } from './clock.js';
export { CommonModule } from './common.module.js';
export { canonicalJson, contentHash, isSameContent } from './content-hash.js';
export { ErrorFilter } from './error.filter.js';
export { ErrorView } from './error.view.js';
export {
  AppError,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  NotReadyError,
  TooLargeError,
  TooManyError,
  UnauthorizedError,
  UnavailableError,
  UpstreamError,
  type ErrorKind,
  type FieldProblem,
} from './errors.js';
export { guardedLookup, HostRefusedError, refuseHost } from './guarded-lookup.js';
export { HostLoad } from './host-load.js';
export { percentile } from './percentile.js';
export { RelaxedReading } from './relaxed-reading.js';
export { RelaxedReadings } from './relaxed-readings.js';
export { Metrics, type RequestNote } from './metrics.js';
export { isId, newId } from './ids.js';
export { JointLookup } from './joint-lookup.js';
export { armKillPoint, KILL_POINTS, killPoint, type KillPoint } from './kill-points.js';
export { type TappedLine } from './log-tap.js';
export { createLogger, LOGGER, NestLoggerAdapter, tapOf, type Logger } from './logger.js';
export { StrictBody } from './strict-body.js';
export { decodeTimeCursor, encodeTimeCursor, type TimeCursor } from './time-cursor.js';
export { PageQuery, PageView, type Page } from './pagination.js';
export { hashPassword, verifyPassword } from './password-hash.js';
export { findAddressProblem, hostOf, isPrivateNetworkAddress, isPublicAddress } from './public-address.js';
export { foldName } from './fold-name.js';
export { networkOf, RateWindows } from './rate-windows.js';
export { readLoginForm, type LoginForm } from './read-login-form.js';
export { currentRequest, withinRequest, type RequestContext } from './request-context.js';
export { SecretBox } from './secret-box.js';
export { findShippedFile } from './shipped-file.js';
export { createValidationPipe, readAs } from './validation.pipe.js';
export { isDeeperThan, WellFormedPipe } from './well-formed.pipe.js';
export { Traces, type TracedStep } from './traces.js';
export { WriteBehind } from './write-behind.js';
