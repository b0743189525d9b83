"""The nine notes that an administrator confirms before the gate may open.

The two languages of a note are one text: change a word, raise its version. Everybody
is then asked to confirm the new text, while synchronization goes on.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    key: str
    version: int
    english: str
    japanese: str

    def text(self, language: str) -> str:
        return self.japanese if language.startswith("ja") else self.english


NOTICES = (
    Notice(
        "managed_in_entra",
        1,
        "While user synchronization is on, users are managed in Microsoft Entra ID. "
        "For linked users, the login e-mail, title, department, organization name and "
        "in-use/suspended state cannot be changed in Chatwork.",
        "ユーザー同期が有効な間、ユーザーは Microsoft Entra ID で管理します。"
        "紐付けられたユーザーのログインメールアドレス・役職・部署・組織名・利用状態は、"
        "Chatwork の管理画面では変更できません。",
    ),
    Notice(
        "users_and_groups",
        1,
        "Users and groups are synchronized; a group becomes a team. Chats, contacts, "
        "administrator rights and photos are not. If no display name is mapped, a new "
        "user's display name is taken from the e-mail address and can be changed by "
        "that person.",
        "同期の対象はユーザーとグループです。グループはチームになります。"
        "チャット、コンタクト、権限、画像は同期されません。"
        "表示名がマッピングされていない場合、新規ユーザーの表示名はメールアドレスから"
        "設定され、本人が変更できます。",
    ),
    Notice(
        "saml_required",
        1,
        "SAML sign-in is required. Synchronized users sign in with Microsoft Entra ID "
        "and have no Chatwork password. SAML cannot be turned off while user "
        "synchronization is on.",
        "SAML ログインが必須です。同期されたユーザーは Microsoft Entra ID でログインし、"
        "Chatwork のパスワードは持ちません。ユーザー同期が有効な間は SAML を無効に"
        "できません。",
    ),
    Notice(
        "match_by_email",
        1,
        "Existing users with the same login e-mail are linked to Entra users and their "
        "title, department and organization name are overwritten.",
        "ログインメールアドレスが一致する既存ユーザーは Entra ID のユーザーに紐付けられ、"
        "役職・部署・組織名が上書きされます。",
    ),
    Notice(
        "email_unique",
        1,
        "An e-mail address already used by a Chatwork account outside your "
        "organization cannot be synchronized. That account must first be moved into "
        "your organization by a registration request.",
        "組織外の Chatwork アカウントで利用中のメールアドレスは同期できません。"
        "先にユーザー登録依頼を行い、組織へ移行してください。",
    ),
    Notice(
        "licences",
        1,
        "Every synchronized user uses one licence, also while suspended. When no "
        "licence is left, new users are not created and an error is returned to "
        "Entra ID.",
        "同期された各ユーザーは、停止中であっても 1 ライセンスを使用します。"
        "残りがない場合、新しいユーザーは作成されず Entra ID にエラーが返されます。",
    ),
    Notice(
        "suspend",
        1,
        "A user who is disabled, unassigned or soft-deleted in Entra ID is suspended "
        "in Chatwork: signed out at once and unable to sign in. Data is kept.",
        "Entra ID で無効化・割り当て解除・削除（論理削除）されたユーザーは、Chatwork で"
        "停止されます。ただちにログアウトされ、ログインできなくなります。"
        "データは保持されます。",
    ),
    Notice(
        "delete",
        2,
        "A user permanently deleted in Entra ID (normally 30 days later) is deleted "
        "from Chatwork: access ends at once. Uploaded files, tasks and My Chat stay in "
        "the recycle bin and are erased after 30 days. Until then the organization "
        "administrator can restore the user, and provisioning the same user again "
        'restores them too. Messages remain as "(解約済)".',
        "Entra ID で完全に削除された（通常は 30 日後）ユーザーは Chatwork からも削除され、"
        "ただちに利用できなくなります。アップロードしたファイル、タスク、マイチャットは"
        "ごみ箱に移り、30 日後に消去されます。それまでは組織管理者が復元できるほか、"
        "同じユーザーが再びプロビジョニングされた場合も復元されます。"
        "メッセージは「(解約済)」として残ります。",
    ),
    Notice(
        "admin_protected",
        1,
        "The organization administrator is never suspended, deleted or given another "
        "e-mail by synchronization; such requests are refused. Transfer the right "
        "first.",
        "組織管理者は、同期による停止・削除・メールアドレス変更の対象になりません"
        "（要求は拒否されます）。先に管理者権限を移譲してください。",
    ),
)

KEYS = frozenset(notice.key for notice in NOTICES)
