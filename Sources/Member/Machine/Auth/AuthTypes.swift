import Base
import Wire

/// Who asks, and at which auth revision that was proved.
///
/// Travels in the header of each entry, so that every member judges alike. As etcd 3.4: auth/store.go, AuthInfo.
package struct Credential: Hashable, Sendable {
  package var user: String
  package var revision: UInt64
  package init(user: String, revision: UInt64) {
    self.user = user
    self.revision = revision
  }

  /// No user was named.
  package static let nobody = Credential(user: "", revision: 0)
}

/// How a member proves to itself who a client is.
package enum TokenKind: Sendable {
  /// Kept in memory, forgotten when unused for this long.
  case simple(ttl: TimeSpan)
  /// Signed by the answering member; nothing is kept.
  case signed
  /// Nobody gets any.
  case none
}

/// A user's new password: its hash, or, in entries of members of 3.4, the password itself.
package typealias PasswordHasher = @Sendable (_ password: String) -> Bytes?

/// A reply of the Auth service; all have the same header.
package protocol AuthReply: WireMessage {
  var header: ResponseHeader? { get set }
}

extension AuthEnableResponse: AuthReply {}
extension AuthDisableResponse: AuthReply {}
extension AuthUserAddResponse: AuthReply {}
extension AuthUserGetResponse: AuthReply {}
extension AuthUserDeleteResponse: AuthReply {}
extension AuthUserChangePasswordResponse: AuthReply {}
extension AuthUserGrantRoleResponse: AuthReply {}
extension AuthUserRevokeRoleResponse: AuthReply {}
extension AuthUserListResponse: AuthReply {}
extension AuthRoleAddResponse: AuthReply {}
extension AuthRoleGetResponse: AuthReply {}
extension AuthRoleListResponse: AuthReply {}
extension AuthRoleDeleteResponse: AuthReply {}
extension AuthRoleGrantPermissionResponse: AuthReply {}
extension AuthRoleRevokePermissionResponse: AuthReply {}
extension AuthenticateResponse: AuthReply {}
